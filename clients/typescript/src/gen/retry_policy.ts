export default
{
  "loadBalancingConfig": [{"round_robin": {}}],
  "healthCheckConfig": {"serviceName": ""},
  "methodConfig": [
    {
      "name": [
        {"service": "howmuch.v1.UserService", "method": "LogIn"},
        {"service": "howmuch.v1.UserService", "method": "ListSessions"},
        {"service": "howmuch.v1.UserService", "method": "RevokeSession"},
        {"service": "howmuch.v1.UserService", "method": "GetMe"},
        {"service": "howmuch.v1.UserService", "method": "UpdateMe"},
        {"service": "howmuch.v1.UserService", "method": "ChangePassword"},
        {"service": "howmuch.v1.UserService", "method": "RequestEmailVerification"},
        {"service": "howmuch.v1.UserService", "method": "RequestPasswordReset"},
        {"service": "howmuch.v1.UserService", "method": "ShowUnsubscribe"},
        {"service": "howmuch.v1.UserService", "method": "Unsubscribe"},
        {"service": "howmuch.v1.UserService", "method": "ShowVerifyEmail"},
        {"service": "howmuch.v1.UserService", "method": "ShowResetPassword"},
        {"service": "howmuch.v1.UserService", "method": "GetMyBalances"},
        {"service": "howmuch.v1.UserService", "method": "GetMyQuotas"},
        {"service": "howmuch.v1.EventService", "method": "CreateEvent"},
        {"service": "howmuch.v1.EventService", "method": "GetEvent"},
        {"service": "howmuch.v1.EventService", "method": "ListEvents"},
        {"service": "howmuch.v1.EventService", "method": "UpdateEvent"},
        {"service": "howmuch.v1.EventService", "method": "DeleteEvent"},
        {"service": "howmuch.v1.EventService", "method": "UndeleteEvent"},
        {"service": "howmuch.v1.EventService", "method": "ArchiveEvent"},
        {"service": "howmuch.v1.EventService", "method": "UnarchiveEvent"},
        {"service": "howmuch.v1.EventService", "method": "AddMember"},
        {"service": "howmuch.v1.EventService", "method": "ListMembers"},
        {"service": "howmuch.v1.EventService", "method": "UpdateMember"},
        {"service": "howmuch.v1.EventService", "method": "RemoveMember"},
        {"service": "howmuch.v1.EventService", "method": "CreateInvitation"},
        {"service": "howmuch.v1.EventService", "method": "ListInvitations"},
        {"service": "howmuch.v1.EventService", "method": "RevokeInvitation"},
        {"service": "howmuch.v1.EventService", "method": "GetInvitation"},
        {"service": "howmuch.v1.EventService", "method": "ShowInvitation"},
        {"service": "howmuch.v1.EventService", "method": "AcceptInvitation"},
        {"service": "howmuch.v1.EventService", "method": "GetBalances"},
        {"service": "howmuch.v1.EventService", "method": "ExplainDebt"},
        {"service": "howmuch.v1.EventService", "method": "GetSettlement"},
        {"service": "howmuch.v1.EventService", "method": "GetTotals"},
        {"service": "howmuch.v1.EventService", "method": "ListChanges"},
        {"service": "howmuch.v1.EventService", "method": "WatchEvent"},
        {"service": "howmuch.v1.ExpenseService", "method": "CreateExpense"},
        {"service": "howmuch.v1.ExpenseService", "method": "BatchCreateExpenses"},
        {"service": "howmuch.v1.ExpenseService", "method": "GetExpense"},
        {"service": "howmuch.v1.ExpenseService", "method": "ListExpenses"},
        {"service": "howmuch.v1.ExpenseService", "method": "UpdateExpense"},
        {"service": "howmuch.v1.ExpenseService", "method": "DeleteExpense"},
        {"service": "howmuch.v1.ExpenseService", "method": "UndeleteExpense"},
        {"service": "howmuch.v1.ExpenseService", "method": "ListExpenseVersions"},
        {"service": "howmuch.v1.ExpenseService", "method": "RestoreExpenseVersion"}
      ],
      "retryPolicy": {
        "maxAttempts": 5,
        "initialBackoff": "0.1s",
        "maxBackoff": "2s",
        "backoffMultiplier": 3,
        "retryableStatusCodes": ["UNAVAILABLE"]
      }
    }
  ],
  "retryThrottling": {
    "maxTokens": 100,
    "tokenRatio": 0.5
  }
}
