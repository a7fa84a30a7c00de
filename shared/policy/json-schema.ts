import { z } from 'zod';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { KINDS } from './kinds/index.ts';
import { shopSchema } from './shop-schema.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema of rule files, for editors: rules/schema.json is this, written down. */
export function rulesJsonSchema(): JsonSchema {
  const kinds = [...KINDS.values()];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Rule files of Parley',
    description: 'A topic file with rules, or shop.yaml. Made from the code that reads the files; do not edit.',
    if: { type: 'object', required: ['rules'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema; the object is data and is never awaited.
    then: {
      type: 'object',
      properties: {
        rules: {
          type: 'array',
          items: {
            type: 'object',
            required: ['kind'],
            properties: { kind: { enum: kinds.map((kind) => kind.kind) } },
            allOf: kinds.map((kind) => ({
              if: { properties: { kind: { const: kind.kind } } },
              // biome-ignore lint/suspicious/noThenProperty: as above.
              then: { $ref: `#/$defs/${kind.kind}` },
            })),
          },
        },
        end: { const: true, description: 'The last line of every file' },
      },
      required: ['rules', 'end'],
      additionalProperties: false,
    },
    else: { $ref: '#/$defs/shop' },
    $defs: {
      shop: schemaOf(shopSchema),
      ...Object.fromEntries(
        kinds.map((kind) => [kind.kind, { description: kind.about, ...withActionNames(schemaOf(kind.schema)) }]),
      ),
    },
  };
}

/** As the merchant writes it, before units become numbers. */
function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

/** Editors complete the action types; a new type needs no other change than the file's renewal. */
function withActionNames(schema: JsonSchema): JsonSchema {
  const copy = structuredClone(schema) as {
    properties?: { scope?: { properties?: { action?: { anyOf?: unknown[] } } } };
  };
  const action = copy.properties?.scope?.properties?.action;
  if (action) {
    const name = { type: 'string', enum: [...ACTION_TYPES.keys()] };
    action.anyOf = [name, { type: 'array', items: name, minItems: 1 }];
  }
  return copy as JsonSchema;
}
