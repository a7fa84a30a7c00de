import { type Impact, NO_IMPACT } from '#shared/contracts/actions/define.ts';
import { ACTION_TYPES } from '#shared/contracts/actions/index.ts';
import type { ResourceKey } from '#shared/contracts/resource.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { DAY_MS, type Instant, toMs } from '#shared/kernel/time.ts';
import type { Policy } from '#shared/policy/policy.ts';
import { addImpacts } from '../prepare.ts';
import type { Action, Decision, Surroundings } from '../types.ts';
import { type JudgedAgain, judgeAgain, type KeptRound } from './again.ts';
import { Ledger } from './ledger.ts';
import type { Sources } from './recalled.ts';

/** Decisions that change in one way. */
export interface ChangeGroup {
  readonly agent: string;
  readonly actionType: string;
  readonly from: string;
  readonly fromRule: string;
  readonly to: string;
  readonly toRule: string;
  decisions: number;
  /** What would be carried out less what was, in minor units: amounts that are moved, not what they earn. */
  revenueMinor: number;
  marginMinor: number;
  cashMinor: number;
  readonly examples: string[];
}

export interface BacktestReport {
  readonly rounds: number;
  readonly decisions: number;
  readonly changed: number;
  readonly groups: readonly ChangeGroup[];
  /** Over all decisions that change: what was carried out, and what would be. */
  readonly before: Pick<Impact, 'revenueMinor' | 'marginMinor' | 'cashMinor'>;
  readonly after: Pick<Impact, 'revenueMinor' | 'marginMinor' | 'cashMinor'>;
  readonly escalations: {
    readonly before: number;
    readonly after: number;
    /** Null where the history is shorter than a day. */
    readonly perWeek: { readonly before: number; readonly after: number } | null;
  };
  readonly since: Instant | null;
  readonly until: Instant | null;
  /** Rounds in which the rules asked for something that was not looked at then, so that they saw nothing there. */
  readonly incomplete: number;
  /** Rounds that could not be judged under these rules. */
  readonly faults: readonly string[];
}

const EXAMPLES = 3;
const FAULTS_SHOWN = 5;
const GOES_AHEAD: ReadonlySet<string> = new Set(['granted', 'adjusted', 'merged']);

/** What a round came to: as it is recorded, or as a rule set judges it. */
interface Came {
  readonly decisions: ReadonlyMap<string, Decision>;
  /** What was done for an intent, if anything. */
  action(intent: string): Done | undefined;
  /** Questions to people, by their ids. */
  readonly asked: readonly string[];
}

type Done = Pick<Action, 'type' | 'params' | 'leaves'>;

/** What a round came to then. */
function asRecorded({ decisions }: KeptRound, sources: Sources): Came {
  const byIntent = new Map(decisions.map((decision) => [decision.intent, decision]));
  return {
    decisions: byIntent,
    action: (intent) => (GOES_AHEAD.has(byIntent.get(intent)?.verdict ?? '') ? sources.action(intent) : undefined),
    asked: decisions.flatMap(({ verdict, wakesOn }) => (verdict === 'escalated' && wakesOn ? [wakesOn] : [])),
  };
}

/** A rule set that goes through a history: only what adds up towards its limits follows its own decisions. */
export class Rejudging {
  readonly #policy: Policy;
  readonly #ledger = new Ledger();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  judge(round: KeptRound, sources: Sources): Came & Pick<JudgedAgain, 'around' | 'missed'> {
    const { now } = round.event;
    const again = judgeAgain(round, this.#policy, sources, (limit) => this.#ledger.counted(limit, now));
    for (const intent of again.effects?.struck ?? []) this.#ledger.strike(intent);
    for (const entry of again.verdicts.limits) this.#ledger.add(entry, now);
    const { decisions, actions, escalations } = again.verdicts;
    const done = new Map(actions.map((action) => [action.action, action]));
    return {
      decisions: new Map(decisions.map((decision) => [decision.intent, decision])),
      action: (intent) => done.get(intent),
      asked: escalations.map(({ escalation }) => escalation),
      around: again.around,
      missed: again.missed,
    };
  }
}

/**
 * Judges recorded rounds under other rules and keeps what would have been decided otherwise. Facts, claims and wishes are
 * those that there were: what the world would have done after another decision is not known, and is not guessed. Only what
 * adds up towards the limits of these rules follows their own decisions.
 */
export class Backtest {
  readonly #rules: Rejudging;
  readonly #groups = new Map<string, ChangeGroup>();
  #before = NO_IMPACT;
  #after = NO_IMPACT;
  readonly #faults: string[] = [];
  readonly #asked = new Set<string>();
  #asking = 0;
  #rounds = 0;
  #decisions = 0;
  #changed = 0;
  #incomplete = 0;
  #since: Instant | null = null;
  #until: Instant | null = null;

  constructor(policy: Policy) {
    this.#rules = new Rejudging(policy);
  }

  /** `before` is what the rules are compared with; unless it is told, what was decided then. */
  add(round: KeptRound, sources: Sources, before: () => Came = () => asRecorded(round, sources)): void {
    const { event, inputs } = round;
    this.#since ??= event.now;
    this.#until = event.now;
    if (inputs.givenUp) return;
    this.#rounds++;
    try {
      const was = before();
      const is = this.#rules.judge(round, sources);
      if (is.missed.length > 0) this.#incomplete++;
      for (const escalation of was.asked) this.#asked.add(escalation);
      this.#asking += is.asked.length;
      this.#compare(was, is, is.around);
    } catch (thrown) {
      if (this.#faults.length < FAULTS_SHOWN)
        this.#faults.push(`round ${round.seq}: ${thrown instanceof Error ? thrown.message : thrown}`);
    }
  }

  report(): BacktestReport {
    const { revenueMinor, marginMinor, cashMinor } = this.#before;
    const after = this.#after;
    const days = this.#since && this.#until ? (toMs(this.#until) - toMs(this.#since)) / DAY_MS : 0;
    const perWeek = (count: number) => Math.round((count / days) * 7 * 10) / 10;
    return {
      rounds: this.#rounds,
      decisions: this.#decisions,
      changed: this.#changed,
      groups: [...this.#groups.values()].sort((a, b) => b.decisions - a.decisions),
      before: { revenueMinor, marginMinor, cashMinor },
      after: { revenueMinor: after.revenueMinor, marginMinor: after.marginMinor, cashMinor: after.cashMinor },
      escalations: {
        before: this.#asked.size,
        after: this.#asking,
        perWeek: days >= 1 ? { before: perWeek(this.#asked.size), after: perWeek(this.#asking) } : null,
      },
      since: this.#since,
      until: this.#until,
      incomplete: this.#incomplete,
      faults: this.#faults,
    };
  }

  #compare(before: Came, after: Came, around: Surroundings): void {
    for (const is of after.decisions.values()) {
      const was = before.decisions.get(is.intent);
      if (!was) continue;
      this.#decisions++;
      if (isSame(was, is)) continue;
      this.#changed++;
      const done = impactOf(before.action(is.intent), around);
      const would = impactOf(after.action(is.intent), around);
      this.#before = addImpacts([this.#before, done]);
      this.#after = addImpacts([this.#after, would]);
      this.#group(was, is, done, would);
    }
  }

  #group(was: Decision, is: Decision, before: Impact, after: Impact): void {
    const { agent, actionType } = is;
    const key = [agent, actionType, was.verdict, was.rule, is.verdict, is.rule].join(' ');
    const known = this.#groups.get(key);
    const group = known ?? {
      agent,
      actionType,
      from: was.verdict,
      fromRule: was.rule,
      to: is.verdict,
      toRule: is.rule,
      decisions: 0,
      revenueMinor: 0,
      marginMinor: 0,
      cashMinor: 0,
      examples: [],
    };
    if (!known) this.#groups.set(key, group);
    group.decisions++;
    group.revenueMinor += after.revenueMinor - before.revenueMinor;
    group.marginMinor += after.marginMinor - before.marginMinor;
    group.cashMinor += after.cashMinor - before.cashMinor;
    if (group.examples.length < EXAMPLES) group.examples.push(is.intent);
  }
}

/** The same verdict by the same rule; where something is done, with the same figures. */
function isSame(was: Decision, is: Decision): boolean {
  if (was.verdict !== is.verdict || was.rule !== is.rule) return false;
  if (!GOES_AHEAD.has(is.verdict) || was.params === is.params) return true;
  return canonicalJson(was.params as Json) === canonicalJson(is.params as Json);
}

function impactOf(done: Done | undefined, around: Surroundings): Impact {
  const type = done && ACTION_TYPES.get(done.type);
  if (!type) return NO_IMPACT;
  return addImpacts(done.leaves.map((leaf) => type.impact(done.params as never, leaf as ResourceKey, around.facts)));
}
