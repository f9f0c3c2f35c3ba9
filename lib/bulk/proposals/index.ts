export { type Applied, acceptProposals, revertProposals } from './apply.ts';
export { PROPOSAL_FILTER, PROPOSAL_STATES, type ProposalFilter, whereProposals } from './filter.ts';
export { countOpenProposals, listProposals } from './list.ts';
export { proposeIdentity } from './propose.ts';
