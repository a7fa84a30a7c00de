const STYLES = {
  granted: 'green',
  adjusted: 'cyan',
  merged: 'blue',
  deferred: 'yellow',
  denied: 'red',
  escalated: 'magenta',
} as const;

export const VERDICTS: readonly string[] = Object.keys(STYLES);

export function verdictStyle(verdict: string): (typeof STYLES)[keyof typeof STYLES] | 'reset' {
  return (STYLES as Record<string, (typeof STYLES)[keyof typeof STYLES]>)[verdict] ?? 'reset';
}
