import type { ZodError } from 'zod';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { resourceKey } from '#shared/contracts/resource.ts';
import { STANDARD_TYPES } from '#shared/contracts/standard-types.ts';
import { toParleyError } from '#shared/kernel/errors.ts';
import { faultText, line } from '#shared/kernel/plain-text.ts';
import { type MappingFile, readMappingFile } from '#shared/mapping-files/mapping-file.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import { type Command, EXIT, RULES_EXIT, UsageError } from '../command.ts';
import type { Output } from '../output.ts';
import { readRegular } from '../read-regular.ts';
import { plural, sayFault } from '../source-lines.ts';

/** Needs nothing but the files: what it says is what the gateway will do. */
export const sourcesCheck: Command = {
  name: 'sources check',
  operands: 'FILE',
  about: "Reads a mapping file, which turns a sender's own JSON into Parley's events, and says what is wrong with it.",
  takes: [1, 1],
  asksApi: false,
  options: {
    body: { type: 'string', value: 'FILE', about: 'a body as the sender posts it: shows the event that it becomes' },
  },
  examples: ['sources check rival-watch.yaml', 'sources check rival-watch.yaml --body sample.json --json'],
  exits: `${RULES_EXIT.fine} fine, ${EXIT.usage} wrong usage, ${RULES_EXIT.unloadable} the file does not load, ${RULES_EXIT.found} it loads and the body becomes no event.`,
  async run({ operands, options, output }) {
    const path = operands[0]!;
    const text = read(path, LIMITS.ruleFileBytes);
    const checked = readMappingFile(path, text);
    if ('errors' in checked) {
      const lines = text.split('\n');
      for (const error of checked.errors) sayFault({ ...error, text: lines[error.line - 1] ?? '' }, output);
      output.say();
      output.say(`${path} does not load: ${plural(checked.errors.length, 'fault')}.`);
      output.result({ ok: false, loads: false, faults: checked.errors });
      return RULES_EXIT.unloadable;
    }
    if (typeof options.body === 'string')
      return tell(checked.mapping, parsed(read(options.body, LIMITS.webhookBodyBytes)), output);
    output.say(`${path} is fine: it reads the webhooks of "${checked.mapping.sender}".`);
    output.result({ ok: true, loads: true, faults: [], sender: checked.mapping.sender });
    return RULES_EXIT.fine;
  },
};

/** What the gateway would make of the body, and where it would stop. */
function tell(mapping: MappingFile, body: unknown, output: Output) {
  let topic = '';
  try {
    topic = mapping.topicOf(body);
    const told = mapping.tell(body);
    if (!told) return none(output, topic, 'No mapping is for this body: it would be kept and ignored.');
    const { type, data, at } = told;
    const fault = faultIn(type, data);
    if (fault !== undefined) return none(output, topic, `It would fail at data${fault}`);
    output.say(`${type} ${JSON.stringify(data)}${at ? ` at ${at}` : ''}`);
    output.result({ ok: true, loads: true, faults: [], sender: mapping.sender, topic, event: { type, data, at } });
    return RULES_EXIT.fine;
  } catch (thrown) {
    return none(output, topic, `It would fail: ${toParleyError(thrown).message}`);
  }
}

/**
 * What may be written, and then the event's own contract: closed lists, names and bounds. Only the shop's currency is not
 * held against it, because which shop it is for nobody has said.
 */
function faultIn(type: string, data: unknown): string | undefined {
  const written = STANDARD_TYPES.get(type)!;
  const shape = written.data.safeParse(data);
  if (!shape.success) return placed(shape.error);
  const subject = written.about(shape.data, 'shop');
  if (!resourceKey.safeParse(subject).success) return `: "${line(subject, 100)}" is no name`;
  const says = Object.entries(written.says(shape.data)).filter(([, value]) => value !== undefined && value !== null);
  const event = EVENT_TYPES.get(type)!.data.safeParse(Object.fromEntries(says));
  return event.success ? undefined : placed(event.error);
}

function placed({ issues: [issue] }: ZodError): string {
  return `${issue!.path.map((part) => `.${String(part)}`).join('')}: ${faultText(issue!)}`;
}

function none(output: Output, topic: string, why: string) {
  output.say(why);
  output.result({ ok: false, loads: true, faults: [], topic, event: null, why });
  return RULES_EXIT.found;
}

function read(path: string, bytesMax: number): string {
  try {
    return readRegular(path, bytesMax);
  } catch (cause) {
    throw new UsageError(`${path} cannot be read: ${(cause as Error).message}.`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('The body is not JSON.');
  }
}
