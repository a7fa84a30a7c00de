import type { Projection } from '#shared/contracts/projection.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { guardrailInput, rule, ruleFile, TEST_SHOP } from '#shared/policy/testing.ts';
import { round } from './figures.ts';
import { recordFigures } from './record.ts';
import { countJsonRules, countZen, type Engine, type Limit, plainClosures } from './rule-peers.ts';
import { compiled, shippedPolicy } from './rule-sets.ts';

const RULES = 40;
const STATES = 500;
const MEASURE_MS = 2_000;
const RELOADED_FILES = 200;
const RULES_A_FILE = 5;

/** Eight figures of a projected state, by the name that a rule, and that a peer, gives them. */
const FIELDS = {
  list: 'listMinor',
  net: 'netMinor',
  cost: 'costMinor',
  margin: 'marginBasisPoints',
  available: 'availableToPromise',
  discount: 'discountBasisPoints',
  reorder: 'reorderUnits',
  spend: 'spendMinor',
} as const satisfies Record<string, keyof Projection>;
const NAMES = Object.keys(FIELDS) as (keyof typeof FIELDS)[];
const UNIT: Partial<Record<keyof typeof FIELDS, (value: number) => string>> = {
  margin: (value) => `${value / 100}%`,
  discount: (value) => `${value / 100}%`,
  available: String,
  reorder: String,
};
const pounds = (value: number) => `£${(value / 100).toFixed(2)}`;

/**
 * One set of forty rules of two comparisons each over eight figures, judged on the same states by our engine and by its
 * peers; all of them have to find the same violations. The floor is the same set as plain closures, written by hand.
 */
export async function rules(): Promise<object> {
  const limits = Array.from({ length: RULES }, (_, n) => limitOf(n));
  const states = Array.from({ length: STATES }, (_, n) => stateOf(n));
  const policy = compiled({ 'shop.yaml': TEST_SHOP, 'limits.yaml': ruleFile(limits.map(asRule).join('')) });
  const floor = await perSecond(plainClosures(limits), states);
  const ours = await perSecond(ourEngine(policy), states);
  const jsonRules = await perSecond(await countJsonRules(limits), states);
  const zenEngine = await countZen(limits);
  const zen = zenEngine && (await perSecond(zenEngine, states));
  const found = [floor, ours, jsonRules, ...(zen ? [zen] : [])].map((one) => one.violations);
  if (new Set(found).size !== 1) throw new Error(`The engines differ on the same states: ${found.join(', ')}`);
  return {
    name: 'rules',
    floor: Math.round(floor.sets),
    ours: Math.round(ours.sets),
    ratio: round(ours.sets / floor.sets),
    violations: ours.violations,
    peers: {
      'json-rules-engine': {
        setsPerSecond: Math.round(jsonRules.sets),
        timesFaster: round(ours.sets / jsonRules.sets),
      },
      'zen-engine': zen
        ? { setsPerSecond: Math.round(zen.sets), timesFaster: round(ours.sets / zen.sets) }
        : 'not installed: npm install --no-save @gorules/zen-engine',
    },
    reload200FilesMs: round(reload()),
    records: recordFigures(await shippedPolicy()),
  };
}

function limitOf(n: number): Limit {
  const first = NAMES[n % NAMES.length]!;
  const second = NAMES[(n * 3 + 1) % NAMES.length]!;
  return { id: `limit-${n}`, first, atLeast: 100 + n * 37, second, atMost: 4_000 + n * 53 };
}

function asRule({ id, first, atLeast, second, atMost }: Limit): string {
  const written = (field: string, value: number) => (UNIT[field as keyof typeof FIELDS] ?? pounds)(value);
  const words = `projected.${first} >= ${written(first, atLeast)} || projected.${second} <= ${written(second, atMost)}`;
  return rule(`kind: guardrail\non: sku\nassert: ${words}\nelse: deny\nwhenUnknown: deny`, id);
}

function stateOf(n: number): Record<string, number> {
  return Object.fromEntries(NAMES.map((name, index) => [name, (n * 7_919 + index * 104_729) % 6_000]));
}

/** Every guardrail is asked, as for a leaf that an intent touches, and each violation is put into words. */
function ourEngine(policy: Policy): Engine {
  return (state) => {
    const projected = Object.fromEntries(NAMES.map((name) => [FIELDS[name], state[name]]));
    return policy.violations(guardrailInput(projected as Partial<Projection>)).length;
  };
}

/** How often a second the whole set is judged on one state, and how many violations one pass over all states finds. */
async function perSecond(engine: Engine, states: readonly Record<string, number>[]) {
  let violations = 0;
  for (const state of states) violations += await engine(state);
  const started = performance.now();
  let sets = 0;
  while (performance.now() - started < MEASURE_MS) {
    const found = engine(states[sets % states.length]!);
    if (typeof found !== 'number') await found;
    sets++;
  }
  return { sets: (sets * 1_000) / (performance.now() - started), violations };
}

/** A save of two hundred rule files: read as text already, to a policy. */
function reload(): number {
  const files: Record<string, string> = { 'shop.yaml': TEST_SHOP };
  for (let file = 0; file < RELOADED_FILES; file++) {
    const limits = Array.from({ length: RULES_A_FILE }, (_, n) => limitOf(file * RULES_A_FILE + n));
    files[`limits-${file}.yaml`] = ruleFile(limits.map(asRule).join(''));
  }
  const started = performance.now();
  compiled(files);
  return performance.now() - started;
}
