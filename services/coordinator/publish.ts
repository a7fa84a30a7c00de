import { decisionSubject, eventSubject } from '#shared/bus/subjects.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { Deps } from './deps.ts';
import type { JudgedRound } from './write.ts';

/**
 * Events are published after their commit. One that is not stored by the bus is only logged: context and coordinator
 * find it in Postgres, and an idle agent that owes an answer gets it again.
 */
export function publishEvents(events: readonly Envelope[], deps: Deps, again = ''): void {
  for (const event of events) {
    deps.bus
      .publish(eventSubject(event.store, event.type), JSON.stringify(event), `${event.id}${again}`)
      .catch((thrown: unknown) => deps.logger.debug({ err: thrown, event: event.id }, 'event not published'));
  }
}

/** Decisions inform: the page, and agents that learn from them. The executor acts on rows. */
export function publishDecisions(judged: readonly JudgedRound[], store: string, deps: Deps): void {
  for (const { event, outcome } of judged) {
    for (const decision of outcome.decisions) {
      const { inputs: _, ...told } = decision;
      deps.bus
        .publish(
          decisionSubject(store, decision.agent),
          JSON.stringify({ ...told, store, seq: event.seq, now: event.now }),
          decision.intent,
        )
        .catch((thrown: unknown) =>
          deps.logger.debug({ err: thrown, intent: decision.intent }, 'decision not published'),
        );
    }
  }
}
