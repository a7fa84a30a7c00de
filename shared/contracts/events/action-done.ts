import { actionEnd } from './action-end.ts';
import { defineEvent } from './define.ts';

export const actionDone = defineEvent({
  type: 'action.done',
  about: 'The executor carried an action out.',
  subject: 'store',
  data: actionEnd,
  facts: (event) => [
    ...(event.data.actionType === 'notice.send' || event.data.actionType === 'campaign.send'
      ? event.data.leaves.map((leaf) => ({ fold: 'daily', resource: leaf, attribute: 'contacted', by: 1 }) as const)
      : []),
    ...(event.data.actionType === 'coupon.give'
      ? event.data.leaves.map(
          (leaf) =>
            ({
              fold: 'collect',
              resource: leaf,
              attribute: 'coupons',
              key: event.data.action,
              value: { at: event.time },
            }) as const,
        )
      : []),
  ],
});
