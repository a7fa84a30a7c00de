import { createConnection, type Socket } from 'node:net';

/** One protocol line that a client may try: a publication, with or without a reply subject, or a subscription. */
export type Attempt =
  | { readonly verb: 'PUB'; readonly subject: string; readonly reply?: string; readonly payload?: string }
  | { readonly verb: 'SUB'; readonly subject: string; readonly queue?: string };

/** What the server said to one attempt: nothing, or why not. */
export interface Said {
  readonly attempt: Attempt;
  readonly refusal: string | undefined;
}

const PATIENCE_MS = 30_000;

/**
 * Speaks the protocol by hand, a PING after each attempt, so that a refusal belongs to one attempt and to no other:
 * client libraries report violations later and drop what they think is not allowed.
 */
export async function tryOnNats(url: string, attempts: readonly Attempt[]): Promise<Said[]> {
  const target = new URL(url);
  const socket = createConnection({ host: target.hostname, port: Number(target.port) });
  try {
    const connected = readAnswers(socket, 1);
    socket.write(`CONNECT ${JSON.stringify(connectOptions(target))}\r\nPING\r\n`);
    await connected;
    const answers = readAnswers(socket, attempts.length);
    attempts.forEach((attempt, index) => {
      socket.write(`${lineOf(attempt, index)}PING\r\n`);
    });
    const said = await answers;
    return attempts.map((attempt, index) => ({ attempt, refusal: said[index]![0] }));
  } finally {
    socket.destroy();
  }
}

function connectOptions(target: URL) {
  return {
    verbose: false,
    pedantic: false,
    protocol: 1,
    lang: 'test',
    version: '0',
    ...(target.username ? { user: target.username, pass: target.password } : {}),
  };
}

function lineOf(attempt: Attempt, index: number): string {
  if (attempt.verb === 'SUB')
    return `SUB ${attempt.subject}${attempt.queue ? ` ${attempt.queue}` : ''} ${index}\r\nUNSUB ${index}\r\n`;
  const payload = attempt.payload ?? '';
  const reply = attempt.reply ? ` ${attempt.reply}` : '';
  return `PUB ${attempt.subject}${reply} ${Buffer.byteLength(payload)}\r\n${payload}\r\n`;
}

/** Splits what the server sends at its next PONGs; each part is the list of errors before that PONG. */
function readAnswers(socket: Socket, parts: number): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const answers: string[][] = [];
    let errors: string[] = [];
    let rest = '';
    const end = (settle: () => void) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      // A connection that is thrown away may still end with an error that says nothing new.
      socket.on('error', () => {});
      settle();
    };
    const fail = (why: string) => end(() => reject(new Error(errors[0] ?? why)));
    const timer = setTimeout(() => fail('nats-server does not answer'), PATIENCE_MS);
    socket.on('error', (error) => fail(error.message));
    socket.on('close', () => fail('nats-server closed the connection'));
    socket.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) {
        if (line === 'PING') socket.write('PONG\r\n');
        if (line.startsWith('-ERR')) errors.push(line);
        if (line !== 'PONG') continue;
        answers.push(errors);
        errors = [];
        if (answers.length === parts) end(() => resolve(answers));
      }
    });
  });
}
