import { type Aftermath, SHOP_COUNTS, SKU_TOTALS } from './aftermath.ts';
import type { RunResult } from './one-run.ts';

const NAMED_MAX = 5;

/** What is wrong with a disturbed run, each in words; empty when nothing was lost, doubled or told differently. */
export function faultsOf(result: RunResult, undisturbed: Aftermath | undefined): string[] {
  const faults: string[] = [];
  const { summary, aftermath } = result;
  if (result.timedOut) faults.push('did not come to an end in its time');
  if (!summary) faults.push('gave no summary');
  else {
    if (summary.lost !== 0) faults.push(`${summary.lost} lost`);
    faults.push(...(summary.broken ?? []).filter((line) => !line.startsWith('lost')));
  }
  if (result.exitCode !== 0 && faults.length === 0) faults.push(`exit code ${result.exitCode}`);
  if (!aftermath) return [...faults, 'its database could not be read'];
  faults.push(...aftermath.doubled.map((line) => `doubled: ${line}`));
  if (aftermath.unfinished > 0) faults.push(`${aftermath.unfinished} actions without an end`);
  if (undisturbed) faults.push(...differences(undisturbed, aftermath));
  faults.push(...result.missed.map((victim) => `${victim} was not struck: the run had ended`));
  return faults;
}

/** Facts that follow from the file alone and are not the same. */
export function differences(undisturbed: Aftermath, disturbed: Aftermath): string[] {
  const names = [...new Set([...Object.keys(undisturbed.fileFacts), ...Object.keys(disturbed.fileFacts)])];
  const differing = names.filter((name) => undisturbed.fileFacts[name] !== disturbed.fileFacts[name]);
  const lines = differing
    .slice(0, NAMED_MAX)
    .map((name) => `${name} is ${disturbed.fileFacts[name]}, undisturbed ${undisturbed.fileFacts[name]}`);
  return differing.length > NAMED_MAX ? [...lines, `${differing.length - NAMED_MAX} more facts differ`] : lines;
}

/** The shop's counts, and the totals over all SKUs. */
export function totalsOf(aftermath: Aftermath): Record<string, number> {
  const entries = Object.entries(aftermath.fileFacts);
  const sum = (attribute: string) =>
    entries.filter(([name]) => name.endsWith(` ${attribute}`)).reduce((total, [, value]) => total + value, 0);
  return Object.fromEntries([...SHOP_COUNTS, ...SKU_TOTALS].map((attribute) => [attribute, sum(attribute)]));
}
