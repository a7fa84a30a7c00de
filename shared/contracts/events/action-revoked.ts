import { actionEnd } from './action-end.ts';
import { defineEvent } from './define.ts';

export const actionRevoked = defineEvent({
  type: 'action.revoked',
  about: 'A pending action was revoked before its call.',
  subject: 'store',
  data: actionEnd,
});
