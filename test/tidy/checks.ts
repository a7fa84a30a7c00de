import type { Fault, ParsedSource } from './source.ts';

type Check = (file: ParsedSource) => Fault[];

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;

/** Longer ones, each with its reason. The list only ever shrinks. */
const LONGER_FUNCTIONS: Readonly<Record<string, string>> = {};

const isTest = (path: string) =>
  path.startsWith('test/') ||
  path.endsWith('.test.ts') ||
  path.startsWith('shared/testing/') ||
  /\.contract\.ts$|testing|\/fixtures\//.test(path);

/** Folders and files that decide: no I/O, no clock, no chance. Time and ids are arguments. */
const PURE = [
  /^shared\/kernel\//,
  /^shared\/contracts\//,
  /^shared\/policy\//,
  /^shared\/judgement\//,
  /^shared\/mapping-files\//,
  /^services\/context\/fold/,
  /^services\/(?!(?:gateway|context|coordinator|executor|sandbox|local|cli)\/)[a-z-]+\/(?!main\.ts$)/,
  /^services\/sandbox\/(catalogue|bodies)\//,
];

const isPure = (path: string) => !isTest(path) && PURE.some((pattern) => pattern.test(path));

/** What a folder of shared/ may import beside itself; services may import all of shared/. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  contracts: ['kernel'],
  policy: ['kernel', 'contracts'],
  judgement: ['kernel', 'contracts', 'policy'],
  'mapping-files': ['kernel', 'contracts', 'policy'],
  bus: ['kernel', 'contracts', 'runtime'],
  store: ['kernel', 'contracts', 'runtime'],
  connectors: ['kernel', 'contracts', 'runtime'],
  runtime: ['kernel', 'contracts'],
  agent: ['kernel', 'contracts', 'runtime', 'bus', 'store', 'connectors'],
  testing: ['kernel', 'contracts', 'policy', 'judgement', 'bus', 'store', 'connectors', 'runtime', 'agent'],
};

const importDirections: Check = (file) => {
  const [top, area] = file.path.split('/');
  return file.imports.flatMap(({ specifier, line }) => {
    const target = resolveImport(file.path, specifier);
    if (!target || isTest(file.path)) return [];
    const [targetTop, targetArea] = target.split('/');
    const fault = (what: string) => [{ check: 'imports', where: `${file.path}:${line}`, what }];
    if (targetTop === 'test') return fault(`${specifier}: product code does not import tests`);
    if (
      top === 'services' &&
      targetTop === 'services' &&
      area !== targetArea &&
      !(area === 'local' && /\/agent\.ts$/.test(target)) &&
      // `rules check` holds the rules against what the agents of the repository propose.
      !(area === 'cli' && target === 'services/local/agents.ts')
    ) {
      return fault(`${specifier}: a service does not import another; move what they share to shared/`);
    }
    if (top === 'shared' && targetTop === 'services') return fault(`${specifier}: shared/ does not know the services`);
    if (
      top === 'shared' &&
      targetTop === 'shared' &&
      area !== targetArea &&
      !MAY_IMPORT[area ?? '']?.includes(targetArea ?? '')
    ) {
      return fault(
        `shared/${area} may not import shared/${targetArea}; it may import ${MAY_IMPORT[area ?? '']?.join(', ') || 'nothing'}`,
      );
    }
    return [];
  });
};

const sizes: Check = (file) => {
  const lines = file.text.split('\n').length - 1;
  const faults: Fault[] =
    lines > FILE_LINES_MAX
      ? [{ check: 'size', where: file.path, what: `${lines} lines; ${FILE_LINES_MAX} at most` }]
      : [];
  if (isTest(file.path)) return faults;
  for (const item of file.functions) {
    if (item.lines <= FUNCTION_LINES_MAX || LONGER_FUNCTIONS[`${file.path} ${item.name}`]) continue;
    faults.push({
      check: 'size',
      where: `${file.path}:${item.line}`,
      what: `${item.name} has ${item.lines} lines; ${FUNCTION_LINES_MAX} at most`,
    });
  }
  return faults;
};

const IMPURE_USES: Readonly<Record<string, string>> = {
  'Date.now': 'take `now` as an argument',
  'new Date/0': 'take `now` as an argument',
  'performance.now': 'take `now` as an argument',
  'Math.random': 'take a random number as an argument',
  'crypto.randomUUID': 'take the id as an argument',
  'process.env': 'take configuration as an argument',
  'fetch()': 'I/O belongs to the edge',
  'setTimeout()': 'a timer belongs to the edge',
  'setInterval()': 'a timer belongs to the edge',
};
const PURE_PACKAGES = ['zod', 'yaml', 'luxon', '@marcbachmann/cel-js', 'graphql'];

const purity: Check = (file) => {
  if (!isPure(file.path)) return [];
  const fault = (line: number, what: string) => ({ check: 'purity', where: `${file.path}:${line}`, what });
  const imports = file.imports
    .filter(
      ({ specifier }) => !specifier.startsWith('.') && !specifier.startsWith('#') && !PURE_PACKAGES.includes(specifier),
    )
    .map(({ specifier, line }) => fault(line, `${specifier}: pure code imports no driver and no node: module`));
  const uses = file.uses.flatMap(({ name, line }) =>
    IMPURE_USES[name] ? [fault(line, `${name}: ${IMPURE_USES[name]}`)] : [],
  );
  return [...imports, ...uses];
};

/** Places that may do what nobody else may, by pattern. */
const OWNERS: readonly {
  readonly check: string;
  readonly finds: (file: ParsedSource) => { line: number; what: string }[];
  readonly owners: RegExp;
}[] = [
  {
    check: 'environment',
    finds: (file) =>
      file.uses
        .filter((use) => use.name === 'process.env')
        .map(({ line }) => ({ line, what: 'only shared/runtime/config.ts reads the environment' })),
    owners: /^(shared\/runtime\/config\.ts|services\/local\/|services\/cli\/|drizzle\.config\.ts)/,
  },
  {
    check: 'sql',
    finds: (file) => [
      ...file.tags
        .filter((tag) => /^(sql|tx|admin)(\.|$)/.test(tag.name))
        .map(({ line }) => ({ line, what: 'only shared/store/ writes SQL' })),
      ...file.imports
        .filter((entry) => /^(postgres|drizzle-orm)/.test(entry.specifier))
        .map(({ line, specifier }) => ({ line, what: `${specifier}: only shared/store/ knows the driver` })),
    ],
    owners: /^(shared\/store\/|shared\/runtime\/embedded\/|drizzle\.config\.ts)/,
  },
  {
    check: 'subjects',
    finds: (file) =>
      file.strings
        .filter((text) => /^(parley\.(event|answer|decision|alive|watermark)\b|\$JS\.)/.test(text.value))
        .map(({ line, value }) => ({ line, what: `"${value}": only shared/bus/ knows subjects` })),
    owners: /^shared\/bus\//,
  },
];

const ownership: Check = (file) =>
  isTest(file.path)
    ? []
    : OWNERS.filter(({ owners }) => !owners.test(file.path)).flatMap(({ check, finds }) =>
        finds(file).map(({ line, what }) => ({ check, where: `${file.path}:${line}`, what })),
      );

const erasable: Check = (file) =>
  file.untypable.map(({ what, line }) => ({
    check: 'erasable',
    where: `${file.path}:${line}`,
    what: `${what}: Node strips types, it does not compile them`,
  }));

export const CHECKS: Readonly<Record<string, Check>> = {
  imports: importDirections,
  sizes,
  purity,
  ownership,
  erasable,
};

/** The file that an import names, from the root; undefined for packages. */
function resolveImport(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#shared/')) return `shared/${specifier.slice(8)}`;
  if (!specifier.startsWith('.')) return undefined;
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
