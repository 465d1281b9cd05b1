// A dinner for three over gRPC, from sign-up to settlement. Usage: go run ./examples/go [HOST:PORT]
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	pb "example.com/howmuch/howmuchv1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/health" // For the healthCheckConfig of the policy.
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

const (
	password = "correct horse battery"
	// The retry policy for gRPC in every language. An installed program would embed it.
	retryPolicy = "howmuch/client/retry_policy.json"
)

func main() {
	log.SetFlags(0)
	address := "127.0.0.1:50051"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	if err := trip(address); err != nil {
		log.Fatal(err)
	}
}

func trip(address string) error {
	policy, err := os.ReadFile(retryPolicy)
	if err != nil {
		return err
	}
	// A server that is frozen or cut off is left after 12.5 s. Go accepts no shorter time between pings.
	pings := keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 2500 * time.Millisecond}
	connection, err := grpc.Dial(address, grpc.WithInsecure(),
		grpc.WithDefaultServiceConfig(string(policy)), grpc.WithKeepaliveParams(pings))
	if err != nil {
		return err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if ctx, err = signUp(ctx, pb.NewUserServiceClient(connection)); err != nil {
		return err
	}
	events, expenses := pb.NewEventServiceClient(connection), pb.NewExpenseServiceClient(connection)

	event, err := events.CreateEvent(withKey(ctx), &pb.CreateEventRequest{
		Event: &pb.Event{Name: "Lisbon", CurrencyCode: "EUR"},
	})
	if err != nil {
		return err
	}
	// Opened before anything happens, read at the end.
	watch, err := events.WatchEvent(ctx, &pb.WatchEventRequest{EventId: event.Id, SinceRevision: event.Revision})
	if err != nil {
		return err
	}
	names := map[string]string{event.MemberId: "Ana"}
	for _, name := range []string{"Bo", "Cy"} {
		guest, err := events.AddMember(withKey(ctx), &pb.AddMemberRequest{EventId: event.Id, Name: name})
		if err != nil {
			return err
		}
		names[guest.Id] = guest.Name
	}

	request := &pb.CreateExpenseRequest{
		EventId: event.Id,
		Expense: &pb.Expense{
			Reason:   "Dinner",
			Date:     "2026-11-22",
			Amount:   "48.60",
			Payments: []*pb.Payment{{MemberId: event.MemberId}},
		},
	}
	// The key of one dinner. A program that was stopped may send it again, and adds it once.
	once := withKey(ctx)
	dinner, err := expenses.CreateExpense(once, request)
	if err != nil {
		return err
	}
	again, err := expenses.CreateExpense(once, request)
	if err != nil {
		return err
	}
	payer := names[dinner.Payments[0].MemberId]
	fmt.Printf("%s: %s %s, paid by %s, for three\n", dinner.Reason, dinner.Amount, dinner.CurrencyCode, payer)
	if again.Id == dinner.Id {
		fmt.Println("sent twice, added once")
	}

	if err := rename(ctx, expenses, dinner, "Dinner by the river"); err != nil {
		return err
	}
	err = rename(ctx, expenses, dinner, "Dinner in Alfama")
	if status.Code(err) != codes.Aborted {
		return fmt.Errorf("a stale etag was not refused: %w", err)
	}
	fresh, err := expenses.GetExpense(ctx, &pb.GetExpenseRequest{EventId: event.Id, ExpenseId: dinner.Id})
	if err != nil {
		return err
	}
	if err := rename(ctx, expenses, fresh, "Dinner in Alfama"); err != nil {
		return err
	}
	fmt.Println("stale edit refused, then made again")

	var kinds []string
	for len(kinds) < 5 {
		change, err := watch.Recv()
		if err != nil {
			return err
		}
		kinds = append(kinds, change.Kind.String())
	}
	fmt.Printf("watch: %s\n", strings.Join(kinds, ", "))

	settlement, err := events.GetSettlement(ctx, &pb.GetSettlementRequest{EventId: event.Id})
	if err != nil {
		return err
	}
	for _, plan := range settlement.Plans {
		for _, debt := range plan.Transfers {
			debtor, creditor := names[debt.FromMemberId], names[debt.ToMemberId]
			fmt.Printf("%s pays %s %s %s\n", debtor, creditor, debt.Amount, plan.CurrencyCode)
		}
	}
	return nil
}

// signUp makes a new user; calls in the context that it returns are in their name.
func signUp(ctx context.Context, users pb.UserServiceClient) (context.Context, error) {
	email := fmt.Sprintf("ana-%s@example.com", random())
	_, err := users.SignUp(ctx, &pb.SignUpRequest{Email: email, Password: password, Name: "Ana"})
	if err != nil {
		return nil, err
	}
	login, err := users.LogIn(ctx, &pb.LogInRequest{Email: email, Password: password})
	if err != nil {
		return nil, err
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+login.Token), nil
}

// rename gives an expense another title. It fails if the expense has changed since it was read; the etag shows this.
func rename(ctx context.Context, expenses pb.ExpenseServiceClient, expense *pb.Expense, reason string) error {
	_, err := expenses.UpdateExpense(withKey(ctx), &pb.UpdateExpenseRequest{
		Expense: &pb.Expense{EventId: expense.EventId, Id: expense.Id, Etag: expense.Etag, Reason: reason},
	})
	return err
}

// withKey is for one write: gRPC may repeat it, and the server does it once.
func withKey(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "idempotency-key", random())
}

func random() string {
	bytes := make([]byte, 16)
	if _, err := rand.Read(bytes); err != nil {
		log.Fatal(err)
	}
	return hex.EncodeToString(bytes)
}
