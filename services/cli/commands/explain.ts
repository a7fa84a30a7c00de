import { block, line } from '#shared/kernel/plain-text.ts';
import { actionText } from '#shared/kernel/wording.ts';
import type { RuleTrace } from '#shared/policy/policy.ts';
import { type Command, EXIT } from '../command.ts';
import type { Output } from '../output.ts';
import { plural, wrapped } from '../source-lines.ts';
import { type Traced, traceOf } from '../trace.ts';
import { verdictStyle } from '../verdict-style.ts';

interface Decided {
  readonly intent: string;
  readonly agent: string;
  readonly actionType: string;
  readonly resource: string;
  readonly params: unknown;
  readonly verdict: string;
  readonly rule: string;
  readonly reasons: readonly { readonly rule: string; readonly why: string; readonly detail: string }[];
}

interface File {
  readonly decision: Decided & {
    readonly store: string;
    readonly seq: number;
    readonly now: string;
    readonly said: string | null;
    readonly more?: boolean;
    readonly causeType: string | null;
    readonly causeSubject: string | null;
    readonly inputs: { readonly ruleSet?: string };
  };
  readonly others: readonly Decided[];
  readonly conflicts: readonly {
    readonly class: string;
    readonly members: readonly { agent: string; action: string; resource: string }[];
  }[];
  readonly facts: readonly {
    readonly resource: string;
    readonly attribute: string;
    readonly version: number;
    readonly value: unknown;
    readonly time: string | null;
    readonly event: string | null;
  }[];
  readonly claims: readonly {
    readonly claim: string;
    readonly owner: string;
    readonly action: string;
    readonly resource: string;
    readonly aspect: string;
    readonly to: string | null;
  }[];
  readonly action?: { readonly state: string; readonly reason: string | null };
  readonly escalation?: { readonly escalation: string; readonly state: string };
}

const SHOWN = 12;

export const explain: Command = {
  name: 'explain',
  operands: 'INTENT',
  about:
    'Tells why an intent got its verdict: rule, reasons, what other rules said, facts, rivals, and what came of it.',
  takes: [1, 1],
  options: { all: { type: 'boolean', about: 'every rule, fact and rival, also rules that are about something else' } },
  examples: ['explain 0199f0c4-7a6e-7e7b-b9ff-0d2c5b1b1f4e.pricing.1.0', 'explain 0199f0c4-7a6e --all'],
  async run({ api, operands, options, output }) {
    const file = await api.get<File>(`/api/decisions/${encodeURIComponent(operands[0]!)}`);
    const traced = await traceOf(api, file.decision);
    if (!output.json) say(file, traced, options.all === true ? Number.POSITIVE_INFINITY : SHOWN, output);
    output.result({ ...file, rules: typeof traced === 'string' ? { notKnown: traced } : traced });
    return EXIT.done;
  },
};

function saidBy({ said, more }: File['decision']): string[] {
  const words = said ? block(said).split('\n') : [];
  return more ? [...words, '(and that more may come: a second part is judged in a round of its own)'] : words;
}

function say(file: File, traced: Traced | string, shown: number, output: Output): void {
  const { decision, others, conflicts, action, escalation } = file;
  output.say(`${output.style(['bold', verdictStyle(decision.verdict)], decision.verdict)}  ${wish(decision)}`);
  output.say(wrapped(line(JSON.stringify(decision.params), 500).replaceAll(',"', ', "'), '  '));
  output.say(
    wrapped(
      `${decision.store} #${decision.seq}, ${decision.now}, after ${line(`${decision.causeType} ${decision.causeSubject}`, 120)}`,
      '  ',
    ),
  );
  sayDecider(decision, traced, output);
  section(
    'Reasons',
    decision.reasons.map((reason) => `${line(reason.rule, 80)}: ${line(reason.detail || reason.why, 500)}`),
    output,
  );
  section('The agent said', saidBy(decision), output);
  section(
    'Conflict',
    conflicts.map(
      (conflict) =>
        `${conflict.class}: ${conflict.members.map((member) => line(`${member.agent} ${member.action} ${member.resource}`, 160)).join(' against ')}`,
    ),
    output,
  );
  section(
    'In the same round',
    firstOf(others, shown, (other) => `${other.verdict.padEnd(9)} ${wish(other)} (${line(other.rule, 80)})`),
    output,
  );
  sayOtherRules(traced, shown, output);
  section('Rests on', basis(file, shown), output);
  section(
    'What came of it',
    [
      ...(escalation ? [`a person was asked: ${escalation.state}`] : []),
      ...(action ? [`action ${actionText(action.state, action.reason)}`] : []),
    ],
    output,
  );
}

/** The rule that decided: where it stands, what it is for, and what it found. */
function sayDecider({ rule, reasons }: Decided, traced: Traced | string, output: Output): void {
  const winner = typeof traced === 'string' ? undefined : traced.winner;
  const place = winner
    ? `${winner.file}:${winner.line}, ${winner.kind}`
    : typeof traced === 'string'
      ? ''
      : 'no rule of the files: it is built in';
  output.say(output.style('bold', `Decided by ${line(rule, 80)}${place ? ` (${place})` : ''}`));
  const why = winner?.why ?? reasons.find((reason) => reason.rule === rule)?.why;
  if (why) output.say(wrapped(line(why, 400), '  '));
  // What the rule found when it decided stands in the reasons; ranks are told only here.
  if (winner?.kind === 'priority') output.say(wrapped(line(winner.detail, 400), '  '));
}

function sayOtherRules(traced: Traced | string, shown: number, output: Output): void {
  if (typeof traced === 'string') {
    section('Other rules', [`not known: ${line(traced, 300)}`], output);
    return;
  }
  const { losing, nearMisses, outside } = traced;
  rules('Spoke too', losing, shown, output);
  rules('Silent, with the first condition that failed', nearMisses, shown, output);
  if (shown === Number.POSITIVE_INFINITY) rules('About something else', outside, shown, output);
  else if (outside.length > 0)
    output.say(`${plural(outside.length, 'other rule')} about something else (--all shows them)`);
}

function rules(title: string, traces: readonly RuleTrace[], shown: number, output: Output): void {
  if (traces.length === 0) return;
  output.say(output.style('bold', title));
  for (const { rule, file, line: at, kind, detail } of traces.slice(0, shown)) {
    output.say(`  ${line(rule, 60)} (${line(file, 60)}:${at}, ${kind})`);
    output.say(wrapped(line(detail, 400), '    '));
  }
  if (traces.length > shown) output.say(`  and ${traces.length - shown} more (--all shows them)`);
}

function basis({ decision, facts, claims }: File, shown: number): readonly string[] {
  return [
    ...firstOf(facts, shown, ({ resource, attribute, version, value, time, event }) => {
      const known = value === null ? 'no longer kept' : line(JSON.stringify(value), 70).replaceAll(',"', ', "');
      const since = event === null ? '' : ` (${line(event, 60)} #${version}, ${String(time).slice(0, 16)})`;
      return `${line(`${resource} ${attribute}`, 120)} v${version} = ${known}${since}`;
    }),
    ...firstOf(claims, shown, ({ claim, owner, action, resource, aspect, to }) =>
      line(
        `claim of ${owner}: ${action} on ${resource} (${aspect})${to ? ` until ${to.slice(0, 16)}` : ''}, ${claim}`,
        300,
      ),
    ),
    ...(decision.inputs.ruleSet ? [`rule set ${line(decision.inputs.ruleSet, 64)}`] : []),
  ];
}

function firstOf<Item>(items: readonly Item[], shown: number, words: (item: Item) => string): readonly string[] {
  const more = items.length > shown ? [`and ${items.length - shown} more (--all shows them)`] : [];
  return [...items.slice(0, shown).map(words), ...more];
}

function section(title: string, lines: readonly string[], output: Output): void {
  if (lines.length === 0) return;
  output.say(output.style('bold', title));
  for (const text of lines) output.say(wrapped(text, '  '));
}

const wish = (decided: Decided) => line(`${decided.agent} ${decided.actionType} ${decided.resource}`, 200);
