import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';

export const SERVICE_VICTIMS = [
  'gateway',
  'context',
  'coordinator',
  'executor',
  'pricing',
  'inventory',
  'marketing',
  'support',
  'orders',
  'sandbox',
] as const;

/** The children of a launcher by what they are: a service by its bundle, the servers by their program. */
export function childrenOf(launcher: number): Map<string, number> {
  const children = new Map<string, number>();
  const listing = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  for (const line of listing.split('\n')) {
    const [, pid, parent, state, args] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (Number(parent) !== launcher || state?.startsWith('Z') || args === undefined) continue;
    const words = args.split(' ');
    const bundle = words.find((word) => word.endsWith('.mjs'));
    if (bundle !== undefined) children.set(basename(bundle, '.mjs'), Number(pid));
    else if (basename(words[0]!) === 'postgres') children.set('postgres', Number(pid));
    else if (basename(words[0]!).startsWith('nats-server')) children.set('nats', Number(pid));
  }
  return children;
}

/** SIGKILL; the bus without its store: it is stopped first, so that it cannot write while its store goes. */
export function strike(victim: string, pid: number, dataPath: string): void {
  if (victim === 'bus-wiped') {
    process.kill(pid, 'SIGSTOP');
    rmSync(join(dataPath, 'nats', 'store'), { recursive: true, force: true });
  }
  process.kill(pid, 'SIGKILL');
}

export function processOf(victim: string): string {
  return victim === 'bus-wiped' ? 'nats' : victim;
}
