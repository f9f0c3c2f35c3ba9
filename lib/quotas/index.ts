export { findQuotaRefusal, lockQuotas, requireQuota } from './require-quota.ts';
export { listRoleQuotas, readOwnQuota, readQuotaOf, setQuotaOf, setRoleQuota } from './set-quota.ts';
export { QUOTA_CHANGE, QUOTA_ROLES, type Quota, type QuotaRole, type QuotaView, ROLE_QUOTA_CHANGE } from './types.ts';
