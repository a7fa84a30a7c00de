import { createHash } from 'node:crypto';

function digest(action: string): string {
  return createHash('sha256').update(`parley:${action}`).digest('hex');
}

/** The action's id as a UUID, where a platform wants one: the same action has the same key for ever. */
export function idempotencyKey(action: string): string {
  const hex = digest(action);
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}

/** A short mark of the action, put where a platform keeps a text and has no key, so that the effect can be found again. */
export function actionMark(action: string): string {
  return `parley-${digest(action).slice(0, 16)}`;
}

/** Longest title that a platform takes. */
const TITLE_LENGTH = 200;

/**
 * The title under which a promotion runs: a platform wants each one only once, and has no other key for discounts. Double
 * quotes would end the search that finds it again.
 */
export function promotionTitle(action: string, title: string): string {
  const suffix = ` #${digest(action).slice(0, 6)}`;
  return `${title
    .replaceAll('"', "'")
    .trim()
    .slice(0, TITLE_LENGTH - suffix.length)}${suffix}`;
}

const PROMOTION_MARK = / #[0-9a-f]{6}$/;

/** Whether a promotion that runs under `shown` bears the mark of an action of ours; what does not is a person's. */
export function hasPromotionMark(shown: string): boolean {
  return PROMOTION_MARK.test(shown);
}

/** Whether a promotion that runs under `shown` is one that was launched as `title`. */
export function isPromotionOf(shown: string, title: string): boolean {
  return shown === title || shown.replace(PROMOTION_MARK, '') === title.replaceAll('"', "'").trim();
}
