import axios from 'axios';
import { attachTokenCreator, createClientTokenCreator } from '../../src/index.js';
import { OURS, type Subject } from '../subject.js';
import { clientOf, createApi, createFloor } from './plain-axios.js';

// README, "Ten lines that run as they stand". The options are the defaults.

export const axiosTokenCreator: Subject = {
    name: OURS,
    packages: ['axios-token-creator', 'axios'],
    http: 'axios',
    create(world) {
        const api = createApi(world);
        const { clientId: id, clientSecret: secret, tokenEndpoint } = world;
        const auth = axios.create(world.axios);
        const creator = createClientTokenCreator({ id, secret }, { tokenEndpoint, client: auth });
        const { source } = attachTokenCreator(api, creator);
        return { ...clientOf(api), hasToken: () => source.current() !== undefined };
    },
    createFloor,
    entry: `
import { attachTokenCreator, createClientTokenCreator } from './src/index.js';
globalThis.used = { attachTokenCreator, createClientTokenCreator };
`,
};
