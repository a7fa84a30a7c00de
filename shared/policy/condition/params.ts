import type { z } from 'zod';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { instant } from '#shared/contracts/fields.ts';
import { resourceKey } from '#shared/contracts/resource.ts';
import type { FieldType } from './vocabulary.ts';

/** Parameters by name, with their types, that conditions may look at under `params`. */
export type ParamTypes = Readonly<Record<string, FieldType>>;

interface SchemaDef {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
}

/** Every parameter that all of these action types have, by name; of no action types at all: none. */
export function paramNames(actions: readonly string[] | undefined): readonly string[] {
  const [first, ...others] = (actions ?? []).map((action) => Object.keys(ACTION_TYPES.get(action)?.params.shape ?? {}));
  return (first ?? []).filter((name) => others.every((names) => names.includes(name)));
}

/** The figures, texts and flags among them that are of one type everywhere. Times and lists are not comparable with anything a rule can write. */
export function paramTypes(actions: readonly string[] | undefined): ParamTypes {
  return Object.fromEntries(
    paramNames(actions).flatMap((name) => {
      const types = new Set(
        (actions ?? []).map((action) => typeOf(name, ACTION_TYPES.get(action)?.params.shape[name])),
      );
      const [type] = types;
      return types.size === 1 && type !== undefined ? [[name, type]] : [];
    }),
  );
}

function typeOf(name: string, declared: z.core.$ZodType | undefined): FieldType | undefined {
  let schema = declared;
  while (schema && defOf(schema).innerType) schema = defOf(schema).innerType;
  if (!schema || schema === instant) return undefined;
  if (schema === resourceKey) return 'text';
  const { type } = defOf(schema);
  if (type === 'boolean') return 'flag';
  if (type === 'string' || type === 'enum') return 'text';
  if (type !== 'number') return undefined;
  if (name.endsWith('Minor')) return 'money';
  return name.endsWith('BasisPoints') ? 'percent' : 'count';
}

function defOf(schema: z.core.$ZodType): SchemaDef {
  return schema._zod.def as unknown as SchemaDef;
}
