import type { PlannedWrite } from '#shared/contracts/actions/define.ts';
import type { Envelope } from '#shared/contracts/envelope.ts';
import type { FactChange } from '#shared/contracts/events/define.ts';
import { EVENT_TYPES } from '#shared/contracts/events/index.ts';
import { canonicalJson, type Json } from '#shared/kernel/canonical-json.ts';
import { LIMITS } from '#shared/runtime/limits.ts';
import type { EchoAction } from '#shared/store/deliveries/echo-actions.ts';
import type { Said } from './topic.ts';

/** Types of which a webhook can show nothing but what one of our own actions wrote. */
const CAN_BE_ECHOES: ReadonlySet<string> = new Set([
  'price.changed',
  'stock.changed',
  'promotion.changed',
  'product.changed',
  'order.held',
  'order.cancelled',
  'order.refunded',
]);

export function canBeEcho(said: Said): boolean {
  return CAN_BE_ECHOES.has(said.type);
}

/** The facts that an event will change are what it shows. */
function shownBy(said: Said, store: string): readonly FactChange[] {
  const event = { ...said, store, now: said.time } as unknown as Envelope;
  return EVENT_TYPES.get(said.type)?.facts?.(event) ?? [];
}

const touches = (write: PlannedWrite, change: FactChange) =>
  write.resource === change.resource && write.attribute === change.attribute;

/** What an action planned to write, against what is shown. `null`: gone. `true`: there, whatever it is. An object: at least its fields. */
function shows(write: PlannedWrite, change: FactChange): boolean {
  if (!touches(write, change)) return false;
  if (write.value === null) return change.fold === 'drop';
  // A delta: the same amount once more, by whoever did it.
  if (change.fold === 'count') return change.by === write.value;
  if (change.fold !== 'level' && change.fold !== 'collect') return false;
  if (write.value === true) return true;
  return contains(change.value as Json, write.value as Json);
}

function contains(shown: Json | undefined, planned: Json): boolean {
  if (shown === undefined) return false;
  if (typeof planned !== 'object' || planned === null || Array.isArray(planned)) {
    return canonicalJson(shown) === canonicalJson(planned);
  }
  if (typeof shown !== 'object' || shown === null) return false;
  return Object.entries(planned).every(
    ([key, value]) => value === undefined || contains((shown as Record<string, Json>)[key], value as Json),
  );
}

/** The action whose outcome must be known before this can be told from a person's change. Pure. */
export function mustWaitFor(
  said: readonly Said[],
  store: string,
  actions: readonly EchoAction[],
): EchoAction | undefined {
  const open = actions.filter((action) => action.store === store && action.underWay);
  if (open.length === 0) return undefined;
  const changes = said.filter(canBeEcho).flatMap((event) => shownBy(event, store));
  return open.find((action) => action.writes.some((write) => changes.some((change) => touches(write, change))));
}

/** Told soon after the action, or late and dated soon after it: a quiet shop or a poll may take longer than an echo. */
function isNear({ recent, endedAt }: EchoAction, { time }: Said): boolean {
  if (recent || endedAt === null) return true;
  const apartMs = Date.parse(time) - Date.parse(endedAt);
  return Math.abs(apartMs) <= LIMITS.echoMs;
}

/** The action whose effect this event shows: done, or so far without a known end. Pure. */
export function echoOf(said: Said, store: string, actions: readonly EchoAction[]): EchoAction | undefined {
  if (!canBeEcho(said)) return undefined;
  const done = actions.filter((action) => action.store === store && !action.underWay && isNear(action, said));
  if (done.length === 0) return undefined;
  const changes = shownBy(said, store);
  return done.find((action) => action.writes.some((write) => changes.some((change) => shows(write, change))));
}
