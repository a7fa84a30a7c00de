import { createHash } from 'node:crypto';
import type { Dirent, Stats } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { LIMITS } from './limits.ts';

/** Text by file name; a store's own files stand in for the shared ones of the same name. */
export type RuleFiles = Readonly<Record<string, string>>;

/** A fault of the folder itself; it has the shape of the rule engine's errors. */
export interface FolderError {
  readonly file: string;
  readonly line: 0;
  readonly column: 0;
  readonly message: string;
}

/** One look at the folder: every rule file in it, shared ones under ``, a store's under its slug. */
export interface FolderLook {
  readonly sets: ReadonlyMap<string, RuleFiles>;
  readonly errors: ReadonlyMap<string, readonly FolderError[]>;
  /** Sub-folders that hold rules of single stores. */
  readonly folders: readonly string[];
}

/** The key of the files that every store shares. */
export const SHARED = '';
const WORKFLOWS = 'workflows';
const STORE = /^[a-z0-9-]{1,40}$/;

/** The hash by which a rule set is stored, activated and cited: over names and whole texts, in one order. */
export function ruleSetHash(files: RuleFiles): string {
  return createHash('sha256').update(canonicalJson(files)).digest('hex');
}

/** A fingerprint of the folder from names and file attributes alone; it changes with every save, in whatever way it is done. */
export async function stampOf(directory: string): Promise<string> {
  const lines: string[] = [];
  for (const folder of [SHARED, ...(await storeFolders(directory))]) {
    for (const name of await ruleFileNames(join(directory, folder))) {
      lines.push(`${folder}/${name} ${attributesOf(await statOrNothing(join(directory, folder, name)))}`);
    }
  }
  return lines.join('\n');
}

/** Reads every rule file. A file that cannot be read is an error of its set; it never throws. */
export async function lookInto(directory: string): Promise<FolderLook> {
  const sets = new Map<string, RuleFiles>();
  const errors = new Map<string, readonly FolderError[]>();
  const folders = await storeFolders(directory);
  const shared = await readSet(directory, SHARED);
  for (const folder of [SHARED, ...folders]) {
    const own = folder === SHARED ? shared : await readSet(directory, folder);
    const faults = folder === SHARED ? own.errors : [...shared.errors, ...own.errors];
    if (faults.length > 0) errors.set(folder, faults);
    else sets.set(folder, { ...shared.files, ...own.files });
  }
  return { sets, errors, folders };
}

/** The cases beside the rules of a folder (`` or a store's slug); the coordinator never reads them. */
export async function readCaseFiles(
  directory: string,
  folder: string,
): Promise<{ readonly files: RuleFiles; readonly errors: readonly FolderError[] }> {
  return readFiles(directory, folder, (await yamlNames(join(directory, folder))).filter(isCases));
}

/** Files that held rules and are not there any more: a deleted file drops no rule. */
export function goneFrom(before: RuleFiles, files: RuleFiles | undefined): readonly FolderError[] {
  const gone = Object.keys(before).filter((name) => files?.[name] === undefined && !holdsNoRules(before[name] ?? ''));
  const message =
    'the file has gone, and its rules stay in force; to drop them, let the file say "rules: []" and "end: true" first';
  return gone.map((file) => ({ file, line: 0, column: 0, message }));
}

function holdsNoRules(text: string): boolean {
  return /^rules:\s*\[\s*\]\s*(?:#.*)?$/m.test(text);
}

async function readSet(directory: string, folder: string): Promise<{ files: RuleFiles; errors: FolderError[] }> {
  const { files, errors } = await readFiles(directory, folder, await ruleFileNames(join(directory, folder)));
  if (folder === SHARED && Object.keys(files).length === 0 && errors.length === 0) {
    errors.push({ file: directory, line: 0, column: 0, message: 'the folder holds no rule file, or cannot be read' });
  }
  return { files, errors };
}

async function readFiles(
  directory: string,
  folder: string,
  names: readonly string[],
): Promise<{ files: RuleFiles; errors: FolderError[] }> {
  const files: Record<string, string> = {};
  const errors: FolderError[] = [];
  const fault = (name: string, message: string) =>
    errors.push({ file: folder === SHARED ? name : `${folder}/${name}`, line: 0, column: 0, message });
  for (const name of names) {
    if (!name.endsWith('.yaml')) {
      fault(name, `rule files end in .yaml; rename it to ${name.replace(/\.ya?ml$/i, '.yaml')}`);
      continue;
    }
    try {
      files[name] = await readText(join(directory, folder, name));
    } catch (thrown) {
      fault(name, thrown instanceof Error ? thrown.message : String(thrown));
    }
  }
  return { files, errors };
}

/** Size and kind are looked at before the file is opened, so that a pipe or a huge file cannot hold us up. */
async function readText(path: string): Promise<string> {
  const found = await statOrNothing(path);
  if (!found) throw new Error('the file is a link that leads nowhere, or has just gone');
  if (!found.isFile()) throw new Error('this is not a regular file');
  if (found.size > LIMITS.ruleFileBytes) throw new Error(`the file is larger than ${LIMITS.ruleFileBytes / 1024} KB`);
  let bytes: Buffer;
  try {
    const handle = await open(path, 'r');
    try {
      bytes = Buffer.alloc(LIMITS.ruleFileBytes + 1);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      bytes = bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (thrown) {
    throw new Error(`the file cannot be read (${(thrown as NodeJS.ErrnoException).code ?? thrown})`);
  }
  if (bytes.length > LIMITS.ruleFileBytes) throw new Error(`the file is larger than ${LIMITS.ruleFileBytes / 1024} KB`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('the file is not UTF-8 text');
  }
}

/** Cases are tests of rules and not rules; names that begin with a dot are editors' own. */
async function ruleFileNames(directory: string): Promise<readonly string[]> {
  return (await yamlNames(directory)).filter((name) => !isCases(name));
}

const isCases = (name: string) => /\.cases\.ya?ml$/i.test(name);

async function yamlNames(directory: string): Promise<readonly string[]> {
  const entries = await entriesOf(directory);
  return entries
    .map((entry) => entry.name)
    .filter((name) => /\.ya?ml$/i.test(name) && !name.startsWith('.'))
    .sort();
}

async function storeFolders(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(directory)) {
    if (entry.name === WORKFLOWS || !STORE.test(entry.name)) continue;
    if (entry.isDirectory() || (await statOrNothing(join(directory, entry.name)))?.isDirectory())
      found.push(entry.name);
  }
  return found.sort();
}

async function entriesOf(directory: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch {
    return [];
  }
}

async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}

/** The change time cannot be set by hand, so a save that keeps size and modification time is seen too. */
function attributesOf(found: Stats | undefined): string {
  return found ? `${found.dev}:${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs} ${found.mode}` : 'gone';
}
