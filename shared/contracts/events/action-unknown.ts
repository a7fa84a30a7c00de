import { actionEnd } from './action-end.ts';
import { defineEvent } from './define.ts';

export const actionUnknown = defineEvent({
  type: 'action.unknown',
  about: 'Nobody knows whether an action had its effect; it is being read back.',
  subject: 'store',
  data: actionEnd,
});
