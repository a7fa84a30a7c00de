/** What a server that is tried or measured in a process of its own tells who started it. */
export interface Usage {
  /** User and system together. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

const MICROSECONDS = 1e6;

/** In the child: says where it listens, tells its usage whenever it is asked, and ends with its parent. */
export function reportTo(ports: Readonly<Record<string, number>>): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    const usage: Usage = { cpuSeconds: (user + system) / MICROSECONDS, rssBytes: process.memoryUsage().rss };
    process.send?.(usage);
  });
  process.on('disconnect', () => process.exit());
  process.send?.(ports);
}
