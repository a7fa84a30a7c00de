import { earlier } from '#shared/kernel/time.ts';
import type { Transaction } from '#shared/store/connect.ts';
import { type EchoAction, readEchoActions } from '#shared/store/deliveries/echo-actions.ts';
import type { Course } from './course.ts';
import { canBeEcho, echoOf, mustWaitFor } from './echo.ts';
import type { Said } from './topic.ts';

/** The actions that this batch's events may be echoes of; asked for only when there are such events. */
export class EchoBook {
  #actions: readonly EchoAction[] = [];

  async read(tx: Transaction, courses: readonly Course[]): Promise<void> {
    const candidates = courses.filter((course) => course.said.some(canBeEcho));
    if (candidates.length === 0) return;
    const resources = new Set(candidates.flatMap((course) => course.said.map((said) => said.subject)));
    const stores = new Set(candidates.map((course) => course.delivery.store));
    const times = candidates.flatMap((course) => course.said.map((said) => said.time));
    const oldest = times.reduce(earlier);
    this.#actions = await readEchoActions(tx, [...stores], [...resources], oldest);
  }

  judge(course: Course): void {
    if (this.#actions.length === 0 || course.said.length === 0) return;
    const { store } = course.delivery;
    if (mustWaitFor(course.said, store, this.#actions)) course.held = 'echo';
    else course.echo = course.said.map((said) => this.of(said, store)?.action).find((action) => action) ?? '';
  }

  of(said: Said, store: string): EchoAction | undefined {
    return this.#actions.length === 0 ? undefined : echoOf(said, store, this.#actions);
  }
}
