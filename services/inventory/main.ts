import { runAgent } from '#shared/agent/run-agent.ts';
import { manifest } from './agent.ts';
import { decide } from './decide.ts';
import { gather } from './gather.ts';

await runAgent({ manifest, gather, decide });
