import { hash32 } from '#shared/kernel/ids.ts';

/** How many partitions the stores are spread over. Changing it changes every subject, so it is fixed. */
export const PARTITIONS = 64;

export const ALIVE = 'parley.alive';

export function partitionOf(store: string): number {
  return hash32(store) % PARTITIONS;
}

export function eventSubject(store: string, type: string): string {
  return `parley.event.${partitionOf(store)}.${store}.${type}`;
}

export function answerSubject(store: string, agent: string): string {
  return `parley.answer.${partitionOf(store)}.${store}.${agent}`;
}

export function decisionSubject(store: string, agent: string): string {
  return `parley.decision.${partitionOf(store)}.${store}.${agent}`;
}

export function aliveSubject(service: string): string {
  return `${ALIVE}.${service}`;
}

/** Tells agents how far context has folded a store's events, so that `atLeast` reads need no polling. */
export function watermarkSubject(store: string): string {
  return `parley.watermark.${partitionOf(store)}.${store}`;
}

export const EVERY_EVENT = 'parley.event.>';
export const EVERY_DECISION = 'parley.decision.>';
export const WATERMARKS = 'parley.watermark.>';

export function parseWatermarkSubject(subject: string): string | undefined {
  return subject.split('.')[3];
}

export function nameOfAlive(subject: string): string {
  return subject.slice(ALIVE.length + 1);
}

/** The parts of an event's subject; a type is always two tokens. */
export function parseEventSubject(subject: string): { store: string; type: string } | undefined {
  const tokens = subject.split('.');
  if (tokens.length !== 6 || tokens[1] !== 'event') return undefined;
  return { store: tokens[3]!, type: `${tokens[4]}.${tokens[5]}` };
}

/** Store and agent of an answer's or a decision's subject: identity comes from here, never from the body. */
export function parseAgentSubject(subject: string): { store: string; agent: string } | undefined {
  const tokens = subject.split('.');
  if (tokens.length !== 5) return undefined;
  return { store: tokens[3]!, agent: tokens[4]! };
}
