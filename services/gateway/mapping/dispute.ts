import type { Known, Said, Settled } from './topic.ts';

/**
 * What a platform says of a dispute, unless it is known. A dispute that was opened before it was closed, as is known, was on
 * its way for longer: it stays closed. One that is opened anew later than that is open.
 */
export function tellDispute(said: Said, known: Known): Settled {
  const last = known.last(said.subject, said.type);
  if (!last || last.data.dispute !== said.data.dispute) return { events: [said] };
  if (last.data.state === said.data.state && last.data.minor === said.data.minor) return { ignored: 'nothing-new' };
  const isOvertaken = said.data.state === 'open' && last.data.state !== 'open' && said.time <= last.time;
  return isOvertaken ? { ignored: 'nothing-new' } : { events: [said] };
}
