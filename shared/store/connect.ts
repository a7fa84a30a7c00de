import { Socket } from 'node:net';
import postgres from 'postgres';
import { LIMITS } from '#shared/runtime/limits.ts';

export type Sql = postgres.Sql;
export type Transaction = postgres.TransactionSql;

interface StoreOptions {
  url: string;
  service: string;
  connections?: number;
  /** For a connection whose statements read no tables: there is nothing that a plan could go by but its text. */
  keepPlans?: boolean;
}

/**
 * The one way to Postgres. `noDelay`: postgres.js leaves Nagle's algorithm on, and a query with more than about 1 KB of
 * parameters then waits up to 40 ms for the server's delayed acknowledgement.
 */
export function openStore(options: StoreOptions): Sql {
  return postgres(options.url, {
    max: options.connections ?? LIMITS.databaseConnections,
    onnotice: () => {},
    connection: {
      application_name: `parley-${options.service}`,
      TimeZone: 'UTC',
      statement_timeout: LIMITS.statementMs,
      // Tables grow a hundredfold within minutes of their first statement. A plan that was kept from then reads all of a table
      // for every batch; planning anew takes a fraction of a millisecond and goes by the present size.
      plan_cache_mode: options.keepPlans ? 'auto' : 'force_custom_plan',
      // The default is that of a turning disk: a batch of a dozen rows would rather read all of a table than look them up.
      random_page_cost: 1.1,
      lock_timeout: LIMITS.lockMs,
      idle_in_transaction_session_timeout: LIMITS.idleInTransactionMs,
      'parley.fill': FILL,
    },
    types: {
      // Counters and positions stay far below 2^53; money is bigint in the table and an integer here.
      bigint: {
        to: 20,
        from: [20],
        parse: (text: string) => Number(text),
        serialize: (value: number) => String(value),
      },
      // Times cross this border as text in the one form that the kernel knows.
      instant: {
        to: 1184,
        from: [1184],
        parse: (text: string) => new Date(text).toISOString(),
        serialize: (value: string | Date) => (typeof value === 'string' ? value : value.toISOString()),
      },
    },
    connect_timeout: 10,
    ...({ socket: connectWithoutDelay } as object),
  }) as unknown as Sql;
}

/**
 * postgres.js puts off writes of less than 1,024 bytes to the end of the turn. When a connection ends before that, it is
 * left believing that a write is about to happen, puts off the start of the next connection too, and never writes again
 * (seen in 3.4.9 whenever Postgres ended while it was busy). A start that is long enough to be written at once mends it.
 */
const FILL = 'x'.repeat(1_024);

const AWAY = /^(CONNECT|ECONN|ENOTFOUND|EPIPE|57P0|53300|08|25P03)/;

/** Whether the database is away rather than in disagreement: the same statement may succeed later. */
export function isUnavailable(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && AWAY.test(code);
}

/** Whether Postgres refuses what was to be written, a value or a broken constraint: the same can only be refused again. */
export function isRefusedValue(thrown: unknown): boolean {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^2[23]/.test(code);
}

interface SocketTarget {
  host: string[];
  port: number[];
  path?: string | false;
}

/**
 * Given to postgres.js before it is connected: what is written meanwhile waits in it, and a refused connection is told by
 * its events. A rejection instead would leave postgres.js with a connection that is for ever about to open, and when all of
 * the pool are, every query waits without end.
 */
function connectWithoutDelay(options: SocketTarget): Socket {
  const socket = new ForgivingSocket();
  socket.setNoDelay(true);
  if (options.path) socket.connect(options.path);
  else socket.connect(options.port[0]!, options.host[0]!);
  return socket;
}

/**
 * Says of every end that it was without error. After an error postgres.js takes it that the error has reached every query,
 * and forgets those that it gave this connection between the two events: they would wait without end (seen in 3.4.9).
 */
class ForgivingSocket extends Socket {
  override emit(event: string | symbol, ...given: unknown[]): boolean {
    return event === 'close' ? super.emit('close', false) : super.emit(event, ...given);
  }
}
