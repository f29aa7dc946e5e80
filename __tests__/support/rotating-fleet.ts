import { useFleet, type FleetNode, type NodeSettings } from './fleet.js';
import { FleetIssuer } from './fleet-issuer.js';
import { startRedisServer, type RedisServer } from './redis-server.js';
import { RotatingIssuer } from './rotating-issuer.js';
import { wait } from './servers.js';

/** A fleet with one refresh token that is used once, and a Redis that still knows after a stop what it was told. */
export interface RotatingFleet {
    readonly redis: RedisServer;
    readonly rotating: RotatingIssuer;
    readonly issuer: FleetIssuer;
    /** Starts processes that have the first refresh token. */
    open(size: number, more?: Partial<NodeSettings>): Promise<FleetNode[]>;
}

/** Fails tests in which a refresh token was sent twice, or while another of its family was out. */
export function useRotatingFleet(): () => RotatingFleet {
    const fleet = useFleet();
    let current: RotatingFleet;

    beforeEach(async () => {
        const redis = await startRedisServer({ isDurable: true });
        const rotating = new RotatingIssuer();
        const issuer = new FleetIssuer(rotating);
        current = {
            redis,
            rotating,
            issuer,
            async open(size, more) {
                const { refresh_token: refreshToken } = rotating.logIn();
                return fleet.open(size, await fleet.serve(issuer, redis, { refreshToken, ...more }));
            },
        };
    });

    afterEach(async () => {
        const { redis, rotating } = current;
        await redis.close();
        expect(rotating.violations).toEqual([]);
        expect(rotating.replays).toBe(0);
        expect(new Set(rotating.refreshTokens).size).toBe(rotating.refreshTokens.length);
    });

    return () => current;
}

/** A source that failed lately says so for a while. */
export async function tokenInTheEnd(node: FleetNode): Promise<string> {
    const deadline = Date.now() + 15_000;
    for (;;) {
        try {
            return await node.token();
        } catch (error) {
            if (Date.now() > deadline) throw error;
            await wait(20);
        }
    }
}
