// SPDX-License-Identifier: GPL-2.0
/*
 * An I2C adapter whose devices live in userspace: what /dev/i2c-N is asked comes out of /dev/i2c-userspace, and what
 * is written there is what the devices answer. For emulated machines, which have no two-wire bus of their own.
 *
 * read:  u16 messages, then each: u16 address, u16 flags (I2C_M_RD is 1), u16 length, and the bytes of a write.
 *        Nothing for READ_MS: 0 bytes, so that no reader hangs for ever.
 * write: s32 result (0, or a negative errno such as -ENXIO for "no acknowledge"), then the bytes of the reads in order.
 * Numbers are little-endian. One transfer at a time; one that is not answered in time is -ETIMEDOUT.
 */
#include <linux/i2c.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define FRAME_MAX 8192
#define READ_MS 200
#define MESSAGES_MAX 16

enum stage { IDLE, ASKED, TAKEN, ANSWERED };

static DEFINE_MUTEX(lock);
static DECLARE_WAIT_QUEUE_HEAD(changed);
static enum stage stage = IDLE;
static u8 question[FRAME_MAX], answer[FRAME_MAX];
static size_t question_bytes, answer_bytes;

static void move_to(enum stage next)
{
	WRITE_ONCE(stage, next);
	wake_up_all(&changed);
}

static int put_question(struct i2c_msg *messages, int count)
{
	u8 *at = question;
	int i;

	if (count > MESSAGES_MAX)
		return -EOPNOTSUPP;
	*(__le16 *)at = cpu_to_le16(count);
	at += 2;
	for (i = 0; i < count; i++) {
		size_t bytes = messages[i].flags & I2C_M_RD ? 0 : messages[i].len;

		if (at + 6 + bytes > question + FRAME_MAX)
			return -EMSGSIZE;
		((__le16 *)at)[0] = cpu_to_le16(messages[i].addr);
		((__le16 *)at)[1] = cpu_to_le16(messages[i].flags);
		((__le16 *)at)[2] = cpu_to_le16(messages[i].len);
		memcpy(at + 6, messages[i].buf, bytes);
		at += 6 + bytes;
	}
	question_bytes = at - question;
	return 0;
}

static int take_answer(struct i2c_msg *messages, int count)
{
	u8 *at = answer + 4;
	s32 result;
	int i;

	if (answer_bytes < 4)
		return -EPROTO;
	result = (s32)le32_to_cpu(*(__le32 *)answer);
	if (result < 0)
		return result;
	for (i = 0; i < count; i++) {
		if (!(messages[i].flags & I2C_M_RD))
			continue;
		if (at + messages[i].len > answer + answer_bytes)
			return -EPROTO;
		memcpy(messages[i].buf, at, messages[i].len);
		at += messages[i].len;
	}
	return count;
}

static int transfer(struct i2c_adapter *adapter, struct i2c_msg *messages, int count)
{
	int result;

	mutex_lock(&lock);
	result = put_question(messages, count);
	if (result == 0)
		move_to(ASKED);
	mutex_unlock(&lock);
	if (result < 0)
		return result;
	result = wait_event_timeout(changed, READ_ONCE(stage) == ANSWERED, adapter->timeout) ? 0 : -ETIMEDOUT;
	mutex_lock(&lock);
	if (stage == ANSWERED)
		result = take_answer(messages, count);
	move_to(IDLE);
	mutex_unlock(&lock);
	return result;
}

static u32 functionality(struct i2c_adapter *adapter)
{
	return I2C_FUNC_I2C | I2C_FUNC_SMBUS_EMUL;
}

static const struct i2c_algorithm algorithm = { .master_xfer = transfer, .functionality = functionality };
static struct i2c_adapter adapter = {
	.owner = THIS_MODULE,
	.name = "devices in userspace",
	.algo = &algorithm,
	.timeout = HZ,
};

static ssize_t device_read(struct file *file, char __user *to, size_t bytes, loff_t *offset)
{
	ssize_t result = 0;
	long left = wait_event_interruptible_timeout(changed, READ_ONCE(stage) == ASKED,
						     msecs_to_jiffies(READ_MS));

	if (left < 0)
		return left;
	mutex_lock(&lock);
	if (stage == ASKED) {
		if (bytes < question_bytes)
			result = -EMSGSIZE;
		else if (copy_to_user(to, question, question_bytes))
			result = -EFAULT;
		else
			result = question_bytes;
		if (result > 0)
			move_to(TAKEN);
	}
	mutex_unlock(&lock);
	return result;
}

static ssize_t device_write(struct file *file, const char __user *from, size_t bytes, loff_t *offset)
{
	ssize_t result = bytes;

	if (bytes > FRAME_MAX)
		return -EMSGSIZE;
	mutex_lock(&lock);
	if (stage != TAKEN)
		result = -EPIPE; /* Nobody waits for it any more. */
	else if (copy_from_user(answer, from, bytes))
		result = -EFAULT;
	if (result > 0) {
		answer_bytes = bytes;
		move_to(ANSWERED);
	}
	mutex_unlock(&lock);
	return result;
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.read = device_read,
	.write = device_write,
};
static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "i2c-userspace",
	.fops = &operations,
	.mode = 0600,
};

static int __init start(void)
{
	int result = misc_register(&device);

	if (result == 0)
		result = i2c_add_adapter(&adapter);
	if (result < 0)
		misc_deregister(&device);
	return result;
}

static void __exit stop(void)
{
	i2c_del_adapter(&adapter);
	misc_deregister(&device);
}

module_init(start);
module_exit(stop);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("I2C adapter with devices in userspace");
