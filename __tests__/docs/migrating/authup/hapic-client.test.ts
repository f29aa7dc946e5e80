import { useServers } from '../../../support/servers.js';
import { makeBed } from '../bed.js';
import { createApi, createHapicClient } from './after.js';
import { admin } from './comparison.js';

describe('a client of hapic beside axios', () => {
    const serve = useServers();

    it('uses the token of the same source', async () => {
        const bed = await makeBed(serve);
        const { api, source } = createApi(bed.api.url, bed.auth.url, admin);
        const client = createHapicClient(bed.api.url, source);

        await Promise.all([api.get('/me'), client.get('/me')]);

        expect(bed.refused).toBe(0);
        expect(bed.auth.received).toHaveLength(1);
        expect(new Set(bed.api.authorizations).size).toBe(1);
    });

    it('is given the 401 that it meets', async () => {
        const bed = await makeBed(serve);
        const { source } = createApi(bed.api.url, bed.auth.url, admin);
        const client = createHapicClient(bed.api.url, source);
        await client.get('/me');
        bed.revoke();

        await expect(client.get('/me')).rejects.toMatchObject({ status: 401 });
    });
});
