interface Ready {
  readonly port: number;
  readonly dataPath: string;
  readonly seconds: number;
  /** `transport only` or `fsync`: what an acknowledgement of the bus is worth. */
  readonly durability: string;
}

/** The one table that a start prints: where to look. */
export function readyTable(ready: Ready): string {
  const operator = `http://127.0.0.1:${ready.port + 1}`;
  const rows: [string, string][] = [
    ['console', `${operator}/`],
    ['mailbox', `${operator}/mailbox`],
    ['health', `http://127.0.0.1:${ready.port}/readyz`],
    ['webhooks', `http://127.0.0.1:${ready.port}/webhooks/<endpoint>`],
    ['data folder', ready.dataPath],
    ['bus', ready.durability],
  ];
  const left = Math.max(...rows.map(([name]) => name.length));
  const right = Math.max(...rows.map(([, value]) => value.length));
  const rule = `+${'-'.repeat(left + 2)}+${'-'.repeat(right + 2)}+`;
  const lines = rows.map(([name, value]) => `| ${name.padEnd(left)} | ${value.padEnd(right)} |`);
  return `\n${[rule, ...lines, rule].join('\n')}\nParley is ready after ${ready.seconds.toFixed(1)} s. Ctrl-C stops everything.\n\n`;
}
