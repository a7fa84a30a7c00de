import { isUtf8 } from 'node:buffer';
import type { Sql } from '../connect.ts';
import { watched } from '../transaction.ts';

/** A webhook whose signature held, before its commit. */
export interface ArrivedDelivery {
  readonly id: string;
  readonly store: string;
  readonly endpoint: string;
  /** The platform's dedupe key within the endpoint. */
  readonly key: string;
  readonly topic: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** What a signature over the body alone proves; absent where the signature covers id and time. */
  readonly digest?: Uint8Array | undefined;
  /** How often it came besides this once. */
  readonly copies: number;
}

export interface CommittedDelivery {
  readonly endpoint: string;
  readonly key: string;
  readonly fresh: boolean;
}

/**
 * Commits a batch in one statement; keys are distinct within it. A key that is there already only counts its copies.
 * The bodies travel as one parameter and are cut up by the server, so that the statement is the same for every batch and
 * is planned once. They travel as the text that they almost always are: the driver sends bytes as hexadecimal digits, twice
 * as many, and making those cost as much as all else here. Sorted by key, so that two gateways with the same webhooks cannot lock each other.
 *
 * It is a transaction by itself, one journey to the server instead of three. So it names its stores itself: the policies are
 * asked when a row is written, and no row comes out of the join before `given` has been computed.
 */
export async function insertDeliveries(sql: Sql, arrived: readonly ArrivedDelivery[]): Promise<CommittedDelivery[]> {
  let at = 1;
  const rows = arrived.map(({ body, digest, ...row }) => {
    const place = { ...row, digest: digest && Buffer.from(digest).toString('hex'), at, bytes: body.length };
    at += body.length;
    return place;
  });
  const bodies = arrived.length === 1 ? arrived[0]!.body : Buffer.concat(arrived.map((row) => row.body));
  const [text, bytes] = isText(bodies) ? [decoder.decode(bodies), null] : [null, bodies];
  const stores = [...new Set(arrived.map((row) => row.store))];
  return await watched(
    () => sql<CommittedDelivery[]>`
      with given as materialized (
        select set_config('app.stores', ${stores.join(',')}, true), coalesce(convert_to(${text}, 'UTF8'), ${bytes}::bytea) as bodies)
      insert into deliveries as d (id, store, endpoint, key, topic, headers, body, digest, copies)
      select r.id, r.store, r.endpoint, r.key, r.topic, r.headers, substr(given.bodies, r.at, r.bytes), decode(r.digest, 'hex'), r.copies
      from given cross join jsonb_to_recordset(${sql.json(rows as never)}) as r(id uuid, store text, endpoint text, key text, topic text, headers jsonb,
        digest text, copies int, at int, bytes int)
      order by r.endpoint, r.key
      on conflict (endpoint, key) do update set copies = d.copies + 1 + excluded.copies
      returning d.endpoint, d.key, (d.xmax = 0) as fresh`,
  );
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** What Postgres takes as text and gives back as the same bytes. */
function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}
