/**
 * A container's health check for a service without a listener: asks the gateway whether it has heard the service's
 * heartbeat. Exit code 0 when it has.
 */
const GATEWAY = 'http://gateway:8080/readyz';
const ASK_MS = 3_000;

const service = process.argv[2] ?? '';
const response = await fetch(GATEWAY, { signal: AbortSignal.timeout(ASK_MS) }).catch(() => undefined);
const answer = (await response?.json().catch(() => undefined)) as { missing?: string[] } | undefined;
process.exit(answer?.missing !== undefined && !answer.missing.includes(service) ? 0 : 1);
