import { useServers } from '../../support/servers.js';
import { differences, readPage, SAME } from '../excerpts.js';
import * as authup from './authup/comparison.js';
import * as axiosAuthRefresh from './axios-auth-refresh/comparison.js';
import * as axiosJwt from './axios-jwt/comparison.js';
import * as axiosTokenInterceptor from './axios-token-interceptor/comparison.js';
import { makeBed, type Session, type Start } from './bed.js';
import type { Comparison, Fact } from './facts.js';
import * as interceptor from './interceptor/comparison.js';

const comparisons: Record<string, Comparison> = {
    authup: authup.comparison,
    'axios-auth-refresh': axiosAuthRefresh.comparison,
    'axios-jwt': axiosJwt.comparison,
    'axios-token-interceptor': axiosTokenInterceptor.comparison,
    interceptor: interceptor.comparison,
};

describe.each(Object.entries(comparisons))('docs/migrating/%s.md', (name, { before, after, facts }) => {
    const serve = useServers();
    const page = `migrating/${name}.md`;

    async function see({ measure }: Fact, start: Start): Promise<string> {
        const bed = await makeBed(serve);
        const started: Session[] = [];
        try {
            return await measure(bed, async () => {
                const session = await start(bed);
                started.push(session);
                return session;
            });
        } finally {
            for (const { end } of started) await end?.();
        }
    }

    it('shows the code that is run here, to the letter, and no other', () => {
        expect(
            differences(
                page,
                [`${name}/before.ts`, `${name}/after.ts`].map((file) => `migrating/${file}`),
            ),
        ).toEqual(SAME);
    });

    it.each(facts.map((fact) => [fact.title, fact] as const))('says what is seen of: %s', async (title, fact) => {
        const row = `| ${title} | ${await see(fact, before)} | ${await see(fact, after)} |`;
        expect(readPage(page).split('\n')).toContain(row);
    });

    it('says nothing in its table that is not seen here', () => {
        const [, table = ''] = readPage(page).split('| seen | before | after |\n| --- | --- | --- |\n');
        const [rows = ''] = table.split('\n\n');
        const titles = rows.split('\n').map((row) => row.split(' | ')[0]?.slice(2));
        expect(titles).toEqual(facts.map(({ title }) => title));
    });
});
