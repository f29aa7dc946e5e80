import type { Subject } from '../subject.js';
import { authupCoreHttpKit } from './authup-core-http-kit.js';
import { axiosAuthRefresh } from './axios-auth-refresh.js';
import { axiosJwt } from './axios-jwt.js';
import { axiosTokenCreator } from './axios-token-creator.js';
import { axiosTokenInterceptor } from './axios-token-interceptor.js';
import { azureCoreRestPipeline } from './azure-core-rest-pipeline.js';
import { badgatewayOAuth2Client } from './badgateway-oauth2-client.js';
import { googleAuthLibrary } from './google-auth-library.js';
import { handWrittenInterceptor } from './hand-written-interceptor.js';

/** Ours first. One more is a file of its own, and a line here. */
export const SUBJECTS: readonly Subject[] = [
    axiosTokenCreator,
    handWrittenInterceptor,
    axiosAuthRefresh,
    axiosTokenInterceptor,
    axiosJwt,
    badgatewayOAuth2Client,
    authupCoreHttpKit,
    azureCoreRestPipeline,
    googleAuthLibrary,
];
