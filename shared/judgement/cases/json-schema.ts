import { z } from 'zod';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import { caseFileSchema, caseSchema } from './format.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** The JSON Schema of files of cases, for editors: rules/cases.schema.json is this, written down. */
export function casesJsonSchema(): JsonSchema {
  const file = schemaOf(caseFileSchema) as { readonly properties: JsonSchema };
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Cases of Parley',
    description: 'Tests of rules (*.cases.yaml). Made from the code that reads the files; do not edit.',
    ...file,
    properties: {
      ...file.properties,
      cases: { type: 'array', items: { $ref: '#/$defs/case' } },
      end: { const: true, description: 'The last line of every file' },
    },
    $defs: { case: withActionNames(schemaOf(caseSchema)), wish: wishSchema() },
  };
}

/** As it is written; what only the contracts of intents, facts and events know is left open. */
function schemaOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

/** What one agent wants: an action with its parameters, and what else an intent says. */
function wishSchema(): JsonSchema {
  const actions = [...ACTION_TYPES.values()].map((type) => [type.type, { type: 'object', description: type.about }]);
  return { type: 'object', properties: Object.fromEntries(actions) };
}

/** Editors complete the action types in `intents`. */
function withActionNames(schema: JsonSchema): JsonSchema {
  const copy = structuredClone(schema) as { properties: { intents: { additionalProperties: unknown } } };
  const wish = { $ref: '#/$defs/wish' };
  copy.properties.intents.additionalProperties = { anyOf: [wish, { type: 'array', items: wish, minItems: 1 }] };
  return copy as unknown as JsonSchema;
}
