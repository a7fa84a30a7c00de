import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { Engine as JsonRulesEngine } from 'json-rules-engine';

/** A rule holds when one figure is high enough or another one low enough. */
export interface Limit {
  readonly id: string;
  readonly first: string;
  readonly atLeast: number;
  readonly second: string;
  readonly atMost: number;
}

/** How many rules of the set do not hold on a state. */
export type Engine = (state: Readonly<Record<string, number>>) => number | Promise<number>;

/** The set as a person would write it out in code: what no engine can beat. */
export function plainClosures(limits: readonly Limit[]): Engine {
  const checks = limits.map(
    ({ first, atLeast, second, atMost }) =>
      (state: Readonly<Record<string, number>>) =>
        state[first]! >= atLeast || state[second]! <= atMost,
  );
  return (state) => {
    let violations = 0;
    for (const holds of checks) if (!holds(state)) violations++;
    return violations;
  };
}

/** json-rules-engine fires on what is true, so its rules say the opposite. */
export async function countJsonRules(limits: readonly Limit[]): Promise<Engine> {
  const engine = new JsonRulesEngine();
  for (const { id, first, atLeast, second, atMost } of limits) {
    engine.addRule({
      conditions: {
        all: [
          { fact: first, operator: 'lessThan', value: atLeast },
          { fact: second, operator: 'greaterThan', value: atMost },
        ],
      },
      event: { type: id },
    });
  }
  return async (state) => (await engine.run({ ...state })).events.length;
}

const ZEN = '@gorules/zen-engine@0.54.0';
const ZEN_FOLDER = resolve('node_modules/.cache/parley-bench');

/**
 * zen-engine as a decision table that collects every hit. It is fetched for the benchmark alone: the platform packages
 * of its releases are incomplete, so a lock file that holds it fails in `npm ci`.
 */
export async function countZen(limits: readonly Limit[]): Promise<Engine | undefined> {
  if (!existsSync(`${ZEN_FOLDER}/node_modules/@gorules`)) {
    mkdirSync(ZEN_FOLDER, { recursive: true });
    spawnSync('npm', ['install', '--no-save', '--prefix', ZEN_FOLDER, ZEN], { stdio: 'ignore' });
  }
  try {
    const { ZenEngine } = createRequire(`${ZEN_FOLDER}/`)('@gorules/zen-engine');
    const decision = new ZenEngine().createDecision(tableOf(limits));
    return async (state) => ((await decision.evaluate(state)).result as unknown[]).length;
  } catch {
    return undefined;
  }
}

function tableOf(limits: readonly Limit[]): object {
  const rules = limits.map(({ id, first, atLeast, second, atMost }) => ({
    _id: id,
    when: `${first} < ${atLeast} and ${second} > ${atMost}`,
    hit: `"${id}"`,
  }));
  const content = {
    hitPolicy: 'collect',
    inputs: [{ id: 'when', name: 'When', type: 'expression' }],
    outputs: [{ id: 'hit', name: 'Hit', field: 'hit', type: 'expression' }],
    rules,
  };
  return {
    contentType: 'application/vnd.gorules.decision',
    nodes: [
      { id: 'in', name: 'in', type: 'inputNode', position: { x: 0, y: 0 } },
      { id: 'table', name: 'table', type: 'decisionTableNode', content, position: { x: 1, y: 0 } },
      { id: 'out', name: 'out', type: 'outputNode', position: { x: 2, y: 0 } },
    ],
    edges: [
      { id: 'a', sourceId: 'in', targetId: 'table', type: 'edge' },
      { id: 'b', sourceId: 'table', targetId: 'out', type: 'edge' },
    ],
  };
}
