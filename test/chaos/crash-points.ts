import { strikeAll } from '../../services/executor/testing/crash-plan.ts';

interface Striking {
  readonly count: number;
  readonly seed: number;
  readonly json: boolean;
  say(text: string): void;
}

/** The exit code: 0 when nothing was doubled, retried blindly or left without an end. */
export async function strikePoints({ count, seed, json, say }: Striking): Promise<number> {
  if (!Number.isSafeInteger(count) || count < 1) {
    process.stderr.write('--crash-points must be a whole number above 0.\n');
    return 2;
  }
  say(`seed ${seed}; ${count} crash points`);
  const report = await strikeAll(count, seed, say);
  say('\naction                           points  effects');
  for (const [name, { points, effects }] of Object.entries(report.effects).sort())
    say(`${name.padEnd(32)} ${String(points).padStart(6)} ${String(effects).padStart(8)}`);
  const ends = Object.entries(report.ends).map(([end, times]) => `${times} ${end}`);
  say(
    `\n${report.points} points struck, ${report.pairs} of them pairs (there are ${report.singles} single ones): ${ends.join(', ')}`,
  );
  say(`${report.doubled} doubled effects, ${report.blindRetries} blind retries, ${report.faults.length} faults`);
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.faults.length === 0 ? 0 : 1;
}
