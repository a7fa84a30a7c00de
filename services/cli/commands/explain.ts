import { block, line } from '#shared/kernel/plain-text.ts';
import { type Command, EXIT } from '../command.ts';
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
    readonly causeType: string | null;
    readonly causeSubject: string | null;
    readonly inputs: {
      readonly facts?: readonly (readonly [string, string, number])[];
      readonly claims?: readonly string[];
      readonly ruleSet?: string;
    };
  };
  readonly others: readonly Decided[];
  readonly conflicts: readonly {
    readonly class: string;
    readonly members: readonly { agent: string; action: string; resource: string }[];
  }[];
  readonly action?: { readonly state: string; readonly reason: string | null };
  readonly escalation?: { readonly escalation: string; readonly state: string };
}

export const explain: Command = {
  name: 'explain',
  operands: 'INTENT',
  about: 'Tells why an intent got its verdict: rule, reasons, facts, rivals, and what came of it.',
  takes: [1, 1],
  examples: ['explain 0199f0c4-7a6e-7e7b-b9ff-0d2c5b1b1f4e.pricing.1.0', 'explain 0199f0c4-7a6e'],
  async run({ api, operands, output }) {
    const file = await api.get<File>(`/api/decisions/${encodeURIComponent(operands[0]!)}`);
    const { decision, others, conflicts, action, escalation } = file;
    output.say(`${output.style(['bold', verdictStyle(decision.verdict)], decision.verdict)}  ${wish(decision)}`);
    output.say(`  ${line(JSON.stringify(decision.params), 500)}`);
    output.say(
      `  ${decision.store} #${decision.seq}, ${decision.now}, after ${line(`${decision.causeType} ${decision.causeSubject}`, 120)}`,
    );
    section(
      'Reasons',
      decision.reasons.map((reason) => `${line(reason.rule, 80)}: ${line(reason.detail || reason.why, 500)}`),
    );
    section('The agent said', decision.said ? block(decision.said).split('\n') : []);
    section(
      'Conflict',
      conflicts.map(
        (conflict) =>
          `${conflict.class}: ${conflict.members.map((member) => line(`${member.agent} ${member.action} ${member.resource}`, 160)).join(' against ')}`,
      ),
    );
    section(
      'In the same round',
      others.map((other) => `${other.verdict.padEnd(9)} ${wish(other)} (${line(other.rule, 80)})`),
    );
    section('Rests on', [
      ...(decision.inputs.facts ?? []).map(([resource, attribute, version]) =>
        line(`${resource} ${attribute} v${version}`, 160),
      ),
      ...(decision.inputs.claims ?? []).map((claim) => line(`claim ${claim}`, 200)),
      ...(decision.inputs.ruleSet ? [`rule set ${line(decision.inputs.ruleSet, 64)}`] : []),
    ]);
    section('What came of it', [
      ...(escalation ? [`a person was asked: ${escalation.state}`] : []),
      ...(action ? [`action ${action.state}${action.reason ? ` (${line(action.reason, 200)})` : ''}`] : []),
    ]);
    output.result(file);
    return EXIT.done;

    function section(title: string, lines: readonly string[]): void {
      if (lines.length === 0) return;
      output.say(output.style('bold', title));
      for (const text of lines) output.say(`  ${text}`);
    }
  },
};

const wish = (decided: Decided) => line(`${decided.agent} ${decided.actionType} ${decided.resource}`, 200);
