import { actionEnd } from './action-end.ts';
import { defineEvent } from './define.ts';

export const actionFailed = defineEvent({
  type: 'action.failed',
  about: 'The store refused an action, or it could not be carried out.',
  subject: 'store',
  data: actionEnd,
});
