import { toParleyError } from '#shared/kernel/errors.ts';
import { didYouMean } from '#shared/kernel/suggest.ts';
import { Api } from './api.ts';
import { apiUrl, familyOf, findCommand, helpOf, overview, readArguments } from './arguments.ts';
import { type Command, EXIT, type ExitCode, StoppedError, UsageError } from './command.ts';
import { auditRecompute } from './commands/audit-recompute.ts';
import { contextGet } from './commands/context-get.ts';
import { deadLettersList, deadLettersRedrive, deadLettersShow } from './commands/dead-letters.ts';
import { doctor } from './commands/doctor.ts';
import { explain } from './commands/explain.ts';
import { rulesActivate, rulesRollback } from './commands/rules-activate.ts';
import { rulesBacktest } from './commands/rules-backtest.ts';
import { rulesCheck } from './commands/rules-check.ts';
import { rulesDiff } from './commands/rules-diff.ts';
import { rulesPropose } from './commands/rules-propose.ts';
import { rulesShadow } from './commands/rules-shadow.ts';
import { rulesHistory, rulesStatus } from './commands/rules-status.ts';
import { rulesTest } from './commands/rules-test.ts';
import { sourcesCheck } from './commands/sources-check.ts';
import { storeAdd } from './commands/store-add.ts';
import { storeEndpointAdd, storeEndpointList, storeEndpointRemove } from './commands/store-endpoint.ts';
import { storeGoLive } from './commands/store-go-live.ts';
import { storeList } from './commands/store-list.ts';
import { storeRemove } from './commands/store-remove.ts';
import { storeReport } from './commands/store-report.ts';
import { storeEndpointRotate, storeRotate } from './commands/store-rotate.ts';
import { storeTest } from './commands/store-test.ts';
import { tail } from './commands/tail.ts';
import { webhooksList, webhooksShow } from './commands/webhooks.ts';
import { webhooksRedrive } from './commands/webhooks-redrive.ts';
import { Output } from './output.ts';
import { operatorOf } from './stores/door.ts';

const COMMANDS: readonly Command[] = [
  tail,
  explain,
  contextGet,
  rulesBacktest,
  rulesPropose,
  auditRecompute,
  rulesCheck,
  rulesTest,
  rulesDiff,
  rulesStatus,
  rulesHistory,
  rulesActivate,
  rulesRollback,
  rulesShadow,
  sourcesCheck,
  webhooksList,
  webhooksShow,
  webhooksRedrive,
  deadLettersList,
  deadLettersShow,
  deadLettersRedrive,
  storeAdd,
  storeTest,
  storeList,
  storeReport,
  storeGoLive,
  storeRotate,
  storeRemove,
  storeEndpointAdd,
  storeEndpointList,
  storeEndpointRotate,
  storeEndpointRemove,
  doctor,
];

// A reader that went away (`parley tail | head`) is not a failure.
process.stdout.on('error', () => process.exit(EXIT.done));
process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<ExitCode> {
  const output = new Output(words.includes('--json'));
  try {
    const found = findCommand(words, COMMANDS);
    if (!found) return unknown(words, output);
    const { command, rest } = found;
    const { operands, options } = readArguments(command, rest);
    if (options.help) {
      process.stdout.write(helpOf(command));
      return EXIT.done;
    }
    return await command.run({
      operands,
      options,
      api: new Api(apiUrl(options, () => operatorOf(command, options))),
      output,
    });
  } catch (thrown) {
    return fail(thrown, output);
  }
}

function unknown(words: readonly string[], output: Output): ExitCode {
  const named = words.filter((word) => !word.startsWith('-'));
  if (named.length === 0 && (words.length === 0 || words.includes('--help'))) {
    process.stdout.write(overview(COMMANDS));
    return words.length === 0 ? EXIT.usage : EXIT.done;
  }
  const { family, depth } = familyOf(named, COMMANDS);
  // "parley rules" is half of many commands, "parley store endpoint" of some: somebody looks for the other half.
  if (family.length > 0 && named.length === depth) {
    process.stdout.write(overview(family));
    return words.includes('--help') ? EXIT.done : EXIT.usage;
  }
  const asked = named.slice(0, Math.max(2, depth + 1)).join(' ') || words[0]!;
  const names = COMMANDS.map((command) => command.name);
  const begun = family.map((command) => command.name);
  const hint = begun.length > 0 ? ` There are: ${begun.join(', ')}.` : didYouMean(asked, names);
  output.note(`parley: unknown command "${asked}".${hint} See parley --help.`);
  return EXIT.usage;
}

function fail(thrown: unknown, output: Output): ExitCode {
  if (thrown instanceof UsageError) {
    // Many end with a command or an address, to which a word behind them would seem to belong.
    output.note(`parley: ${thrown.message}${/[.?!]$/.test(thrown.message) ? ' See --help.' : ' (see --help)'}`);
    output.result({ ok: false, error: 'usage', message: thrown.message });
    return EXIT.usage;
  }
  if (thrown instanceof StoppedError) {
    output.note(`parley: ${thrown.message}`);
    output.result({ ok: false, error: 'stopped', message: thrown.message });
    return EXIT.failed;
  }
  const error = toParleyError(thrown);
  output.note(`parley: ${error.message}`);
  output.result({ ok: false, error: error.reason, message: error.message });
  if (error.reason === 'timeout') return EXIT.unreachable;
  return error.reason === 'not-found' ? EXIT.notFound : EXIT.failed;
}
