import { existsSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CompiledRuleSet, compileRuleSet } from '#shared/policy/compile.ts';
import type { RuleError } from '#shared/policy/rule-error.ts';
import { lookInto, type RuleFiles, ruleSetHash, SHARED } from '#shared/runtime/rule-files.ts';
import { UsageError } from './command.ts';

const OF_THE_PROJECT = fileURLToPath(new URL('../../rules', import.meta.url));

/** The rules of one store, or (without one) of every store that has no folder of its own, as the coordinator would load them. */
export interface FolderSet {
  readonly store: string | undefined;
  readonly files: RuleFiles;
  readonly compiled: CompiledRuleSet;
}

export interface Fault extends RuleError {
  /** The line at fault, where there is one. */
  readonly text?: string;
}

export interface RuleFolderReading {
  readonly folder: string;
  readonly sets: readonly FolderSet[];
  /** Everything that keeps a set from loading, each once, with the file's path inside the folder. */
  readonly faults: readonly Fault[];
}

/** The folder that a command means: the one named, else the one that the coordinator reads. */
export function ruleFolder(named: string | undefined): string {
  const folder = named ?? process.env.PARLEY_RULES_DIR ?? OF_THE_PROJECT;
  if (!existsSync(folder)) throw new UsageError(`There is no folder ${folder}.`);
  if (!statSync(folder).isDirectory()) throw new UsageError(`${folder} is a file; name the folder that it lies in.`);
  return folder;
}

/** Reads and compiles every set that the folder holds. */
export async function readRuleFolder(folder: string): Promise<RuleFolderReading> {
  const look = await lookInto(folder);
  const faults = new Map<string, Fault>();
  const note = (fault: Fault) => faults.set(`${fault.file}:${fault.line}:${fault.column}:${fault.message}`, fault);
  const sets: FolderSet[] = [];
  for (const errors of look.errors.values()) {
    for (const error of errors) note({ ...error, file: error.file === folder ? '.' : error.file });
  }
  for (const [name, files] of look.sets) {
    const store = name === SHARED ? undefined : name;
    const compiled = compileRuleSet(files, ruleSetHash(files));
    if ('errors' in compiled) for (const error of compiled.errors) note(placed(error, folder, store, files));
    sets.push({ store, files, compiled });
  }
  return { folder, sets, faults: [...faults.values()] };
}

function placed(error: RuleError, folder: string, store: string | undefined, files: RuleFiles): Fault {
  const text = error.line === 0 ? undefined : files[error.file]?.split(/\r?\n/)[error.line - 1];
  return { ...error, file: pathIn(folder, store, error.file), ...(text === undefined ? {} : { text }) };
}

/** A store's own file stands in for the shared one of the same name. */
export function pathIn(folder: string, store: string | undefined, file: string): string {
  return store !== undefined && existsSync(join(folder, store, file)) ? `${store}/${file}` : file;
}

/** As the reader would type it: from where they are, unless that leads far up. */
export function shownFolder(folder: string): string {
  const path = relative(process.cwd(), folder);
  return path === '' ? '.' : path.startsWith('../..') ? folder : path;
}
