import { readFileSync, statSync } from 'node:fs';

/** The text of a file that somebody named: a device or a pipe may never end, and is not read. */
export function readRegular(path: string, bytesMax: number): string {
  const look = statSync(path);
  if (look.isDirectory()) throw new Error('it is a folder');
  if (!look.isFile()) throw new Error('it is a device or a pipe, and no file');
  if (look.size > bytesMax) throw new Error(`it is larger than ${bytesMax} bytes`);
  return readFileSync(path, 'utf8');
}
