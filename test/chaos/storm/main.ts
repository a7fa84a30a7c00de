import { runStorm, type StormReport } from './storm.ts';

const LEAST = 100;
const STRIKES = 4;
const QUIET_MS = 15 * 60_000;
/**
 * That a price was as before is no news. Where one in between is told later still, after the next change, nobody knows any
 * more since when it was as before: the prices of the past lack that one. More than a few is a loss that somebody must look at.
 */
const PRICES_MISSING_MOST = 0.01;
/** So few are chance in a small storm, whatever their share. */
const PRICES_MISSING_FEW = 2;

/** `--storm N` of the chaos run: N webhooks in a storm, judged; 0 when all held. */
export async function stormMain(count: string, seed: number, json: boolean): Promise<number> {
  const deliveries = Number(count);
  if (!Number.isSafeInteger(deliveries) || deliveries < LEAST) {
    process.stderr.write(`--storm must be a whole number from ${LEAST} on.\n`);
    return 2;
  }
  const say = (text: string) => void (json ? process.stderr : process.stdout).write(`${text}\n`);
  say(`seed ${seed}; ${deliveries} webhooks`);
  const report = await runStorm({ deliveries, seed, strikes: STRIKES, quietMs: QUIET_MS, say });
  const faults = faultsIn(report);
  tell(report, faults, say);
  if (json) process.stdout.write(`${JSON.stringify({ ...report, faults })}\n`);
  return faults.length === 0 ? 0 : 1;
}

export function faultsIn({ differences, doubled, faults, prices, facts, killed }: StormReport): string[] {
  const most = Math.max(PRICES_MISSING_FEW, prices.of * PRICES_MISSING_MOST);
  return [
    ...differences.map((difference) => `other facts: ${difference}`),
    ...doubled.map((effect) => `done twice: ${effect}`),
    ...faults,
    // Where nothing was looked at, nothing was found.
    ...(facts === 0 ? ['no fact was compared'] : []),
    ...(killed.length === 0 ? ['nothing was killed'] : []),
    ...(prices.missing > most ? [`${prices.missing} of ${prices.of} prices are missing: more than ${most}`] : []),
  ];
}

function tell(report: StormReport, faults: readonly string[], say: (text: string) => void): void {
  const { webhooks, sendings, turnedAway, killed, facts, effects, voided, seconds, prices, ends } = report;
  say(
    `${webhooks} webhooks, sent ${sendings} times, turned away and sent again ${turnedAway} times; killed: ${killed.join(', ')}`,
  );
  say(
    `${facts} facts compared; ${effects} effects, ${report.doubled.length} doubled; ${voided} actions with a voided cause`,
  );
  for (const [shop, { deliveries, actions }] of Object.entries(ends)) {
    say(`${shop}: ${listed(deliveries)}`);
    say(`  actions: ${listed(actions) || 'none'}`);
  }
  say(`${prices.missing} of ${prices.of} prices in between are missing`);
  for (const fault of faults) say(`FAULT ${fault.slice(0, 1_000)}`);
  say(`${faults.length === 0 ? 'good' : 'FAULTS'} in ${seconds} s`);
}

const listed = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts)
    .map(([end, count]) => `${count} ${end}`)
    .join(', ');
