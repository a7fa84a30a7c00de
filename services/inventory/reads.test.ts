import { testReads } from '#shared/testing/reads.ts';
import { manifest } from './agent.ts';
import { gather } from './gather.ts';

testReads({ manifest, gather });
