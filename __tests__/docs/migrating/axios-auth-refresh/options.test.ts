import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { useServers } from '../../../support/servers.js';
import { makeBed, startLoggedIn } from '../bed.js';
import * as facts from '../facts.js';
import { createApi } from './before.js';

const serve = useServers();

it('axios-auth-refresh with `deduplicateRefresh: false` loses none of 20 requests that meet a 401 together', async () => {
    const bed = await makeBed(serve);
    const start = startLoggedIn((...places) => createApi(...places, { deduplicateRefresh: false }));

    expect(await facts.together.measure(bed, () => start(bed))).toBe('20 succeed, 1 token request');
});

it('axios-auth-refresh weighs 1 kB', () => {
    const file = join(__dirname, '../../../../node_modules/axios-auth-refresh/dist/index.esm.js');
    expect((gzipSync(readFileSync(file)).length / 1000).toFixed(0)).toBe('1');
});
