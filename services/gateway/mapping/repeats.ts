import type { Transaction } from '#shared/store/connect.ts';
import { readLastEvents } from '#shared/store/deliveries/history.ts';
import { findRepeats, type ReceivedDelivery } from '#shared/store/deliveries/received.ts';
import type { Course } from './course.ts';
import type { BatchKnowledge } from './known.ts';
import type { Known, Mapped, MappingContext, Said } from './topic.ts';

/** Bodies that were taken before under another id: in earlier batches, and in this one. */
export class Repeats {
  readonly #earlier: ReadonlySet<string>;
  readonly #here = new Set<string>();

  constructor(earlier: ReadonlySet<string>) {
    this.#earlier = earlier;
  }

  has(delivery: ReceivedDelivery): boolean {
    return this.#earlier.has(delivery.id) || (delivery.digest !== null && this.#here.has(nameOf(delivery)));
  }

  add(delivery: ReceivedDelivery): void {
    if (delivery.digest !== null) this.#here.add(nameOf(delivery));
  }
}

function nameOf({ endpoint, topic, digest }: ReceivedDelivery): string {
  return `${endpoint}\n${topic}\n${Buffer.from(digest!).toString('base64')}`;
}

/**
 * A body that came before under another id is a replay, unless since then something else was said at the same time: a
 * level that goes from ten to nine and back within a second has the same body twice, and the second is news.
 */
export function isOld(event: Said, known: Known): boolean {
  const last = known.last(event.subject, event.type);
  if (!last || last.time !== event.time) return true;
  return JSON.stringify(last.data) === JSON.stringify(event.data);
}

/** Finds the bodies of a batch that came before, and what was last said about whatever they are about. */
export async function lookUpRepeats(
  tx: Transaction,
  courses: readonly Course[],
  contextOf: (course: Course) => MappingContext & { readonly known: BatchKnowledge },
): Promise<Repeats> {
  const signed = courses.filter((course) => course.read && course.delivery.digest !== null);
  const earlier = await findRepeats(
    tx,
    signed.map((course) => course.delivery.id),
  );
  for (const course of signed.filter(({ delivery }) => earlier.has(delivery.id))) {
    const { topic, body } = course.read!;
    const context = contextOf(course);
    context.known.addLast(
      await readLastEvents(
        tx,
        course.delivery.store,
        aboutOf(() => topic.map(body, context)),
      ),
    );
  }
  return new Repeats(earlier);
}

/** What a mapping would say; one that fails says nothing, and fails again when its turn comes. */
function aboutOf(map: () => Mapped): readonly Said[] {
  try {
    const mapped = map();
    return 'events' in mapped ? mapped.events : [];
  } catch {
    return [];
  }
}
