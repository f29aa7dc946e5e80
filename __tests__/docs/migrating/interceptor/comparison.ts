import { Readable } from 'node:stream';
import { startLoggedIn } from '../bed.js';
import * as facts from '../facts.js';
import * as after from './after.js';
import * as before from './before.js';

const streamed: facts.Fact = {
    title: 'a stream of 5 bytes, posted with a token that is refused',
    async measure(bed, start) {
        const session = await start();
        await session.get('/me');
        bed.revoke();
        const outcome = await session.axios
            ?.post('/upload', Readable.from([Buffer.from('bytes')]), { maxRedirects: 0, timeout: 2_000 })
            .then(
                ({ status }) => status,
                (error: unknown) => error as { response?: { status: number }; code?: string },
            );
        if (typeof outcome !== 'number')
            return outcome?.response?.status === 401 ? 'gives the 401' : `fails: ${outcome?.code}`;
        return `gives 200, and ${bed.api.received.at(-1)?.body.length} bytes have arrived`;
    },
};

export const comparison: facts.Comparison = {
    before: startLoggedIn(before.createApi),
    after: startLoggedIn(after.createApi),
    facts: [
        facts.together,
        facts.late,
        facts.interceptors,
        facts.unwrapping,
        facts.tolerated,
        streamed,
        facts.stubborn,
        facts.otherHost,
        facts.aged,
        facts.secrets,
        facts.brokenAnswer,
        facts.reload,
    ],
};
