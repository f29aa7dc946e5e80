import type { AxiosInstance } from 'axios';
import { attachTokenCreator, type TokenCreator } from '../src/index.js';
import { timed, type Burst } from './measure.js';

/** Milliseconds. */
export const RESPONSE_TIME = 10;
export const CREATION_TIME = 20;

/** One creation by itself, as a load. */
export async function createAlone(create: TokenCreator): Promise<Burst> {
    return { ms: await timed(() => create()), cpuMs: 0, failed: 0 };
}

/** Attaches a creator; the function it returns tells how often that was called. */
export function attachCounted(client: AxiosInstance, create: TokenCreator): () => number {
    let creations = 0;
    attachTokenCreator(client, (context) => {
        creations += 1;
        return create(context);
    });
    return () => creations;
}
